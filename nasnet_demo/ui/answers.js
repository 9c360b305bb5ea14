// @ts-nocheck
// Gradio's page opens one stream for the answers to all that it has asked, and closes it when the server says that none is
// left. What it asks at that moment can be taken by the server, and be said to be taken, before the page has read that
// the stream is at its end: nobody would read its answer. So the end is kept from the page while a question is open, and
// the stream goes on with a new request.
export function answers() {
  const END = 'data: {"msg":"close_stream","event_id":null}', ANSWER = /^data: \{"msg":"process_completed","event_id":"(\w+)"/;
  const ask = window.fetch.bind(window);
  const open = new Set(); // questions that are taken, and not answered yet
  const early = new Set(); // answered before the page was told that they are taken
  let asking = 0; // on their way to the server
  const waiting = () => open.size + asking > 0;

  const question = async (input, options) => {
    asking++;
    try {
      const response = await ask(input, options);
      const taken = response.ok && (await response.clone().json()).event_id;
      if (taken && !early.delete(taken)) open.add(taken);
      return response;
    } finally {
      asking--;
    }
  };

  const stream = async (input, options) => {
    const first = await ask(input, options);
    if (!first.ok) return first;
    const text = (response) => {
      if (!response.ok) throw new TypeError(`the stream of answers: ${response.status}`); // the page says so and reconnects
      return response.body.pipeThrough(new TextDecoderStream()).getReader();
    };
    const encoder = new TextEncoder();
    let reader = text(first), rest = "";
    const passes = (message) => {
      const answered = ANSWER.exec(message)?.[1];
      if (answered && !open.delete(answered)) early.add(answered);
      return message !== END;
    };
    const more = async () => { // the next messages
      const { done, value } = await reader.read();
      if (done && !waiting()) return undefined;
      if (done) reader = text(await ask(input, options));
      const whole = (rest + (value ?? "")).split("\n\n");
      rest = whole.pop();
      return whole.filter(passes).map((message) => `${message}\n\n`).join("") || more();
    };
    const body = new ReadableStream({
      async pull(controller) {
        const messages = await more();
        controller.enqueue(encoder.encode(messages ?? `${END}\n\n`));
        if (!messages) controller.close();
      },
      cancel: () => reader.cancel().catch(() => {}),
    });
    return new Response(body, { headers: first.headers });
  };

  window.fetch = (input, options) => {
    const { pathname } = new URL(input.url ?? input, location.href);
    const way = pathname.endsWith("/queue/join") ? question : pathname.endsWith("/queue/data") ? stream : ask;
    return way(input, options);
  };
}

// @ts-nocheck
// A picture that is dropped or pasted anywhere on the page becomes the picture in question.
export function arrivals() {
  const give = (event, files) => {
    if (event.target.closest?.("#own")) return; // they have a place of their own
    if (event.type === "drop" && files?.length) event.preventDefault(); // or the browser would open any other file
    const picture = [...(files ?? [])].find((file) => file.type.startsWith("image/"));
    const input = document.querySelector("#picture input[type=file]"); // none while the camera is open
    if (!picture || !input) return;
    event.preventDefault();
    event.stopPropagation(); // Gradio's own box would take it a second time
    const list = new DataTransfer();
    list.items.add(picture);
    input.files = list.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => give(event, event.dataTransfer?.files), true);
  document.addEventListener("paste", (event) => give(event, event.clipboardData?.files), true);
}

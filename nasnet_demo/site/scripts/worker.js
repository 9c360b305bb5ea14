// The network's side of engine.js.

// npm run dev: the demo with the app in development mode.
process.argv.push("--dev");
await import("./demo.mjs");

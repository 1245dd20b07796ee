// Loaded before an app that is measured: says over its channel what the app's process has used.

import { monitorEventLoopDelay } from "node:perf_hooks";

const delays = monitorEventLoopDelay({ resolution: 5 });
delays.enable();

process.on("message", (message) => {
  if (message !== "use") return;
  const { user, system } = process.cpuUsage();
  process.send?.({
    use: {
      cpuMs: (user + system) / 1000,
      // The timer itself takes its resolution.
      loopP99Ms: Math.max(0, delays.percentile(99) / 1e6 - 5),
      loopMaxMs: Math.max(0, delays.max / 1e6 - 5),
      memoryMb: process.memoryUsage.rss() / 1e6,
    },
  });
  delays.reset();
});
process.channel?.unref();

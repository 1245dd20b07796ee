import { bundle } from "./bundle.mjs";
import { Child } from "./child";
import { addDueAccounts, makeDueAgain } from "./due-accounts";
import { install, stopPostgres } from "./installation";
const due = Number(process.env.DUE ?? 4000); const latency = Number(process.env.LAT ?? 50); const n = Number(process.env.PROCS ?? 1);
const file = await bundle("usher", ["processes/usher", "processes/lean-provider"]);
const provider = await Child.start<any>(file("processes/lean-provider"));
const usher = await install();
await addDueAccounts(usher, await provider.run("tokenEndpoint"), due);
if (process.env.PROF) process.env.BENCH_CPU_PROFILE = process.env.PROF;
const rs = await Promise.all(Array.from({ length: n }, () => Child.start<any>(file("processes/usher"), { env: usher.env }, { execArgv: ["--expose-gc"] })));
delete process.env.BENCH_CPU_PROFILE;
await provider.run("setLatency", latency);
for (let i = 0; i < 3; i++) { await makeDueAgain(usher.database.url, due); const startAt = Date.now() + 200; const r = await Promise.all(rs.map((u) => u.run("sweep", { concurrency: 64 / n, startAt }))); const el = Math.max(...r.map((x) => x.endedAt)) - startAt;
 console.log("elapsed", el, "ideal", due * latency / 64, "ratio", (el / (due * latency / 64)).toFixed(2), "cpu/token", (r.reduce((s, x) => s + x.cpuMs, 0) / due).toFixed(3), JSON.stringify(r.map(x => [x.refreshed, x.deferred, Math.round(x.growthMb)]))); }
await Promise.all(rs.map((u) => u.stop())); await provider.stop(); await usher.close(); await stopPostgres(); process.exit();

/** Programs that fetch a package and run it, after these subcommands. */
const runners: Readonly<Record<string, readonly string[]>> = {
  npx: [],
  bunx: [],
  pnpx: [],
  uvx: [],
  npm: ["exec", "x"],
  pnpm: ["dlx", "exec"],
  yarn: ["dlx", "exec"],
  bun: ["x"],
  uv: ["run", "tool"],
  pipx: ["run"],
  docker: ["run", "container"],
  podman: ["run", "container"],
};
const interpreters =
  /^(node|nodejs|bun|deno|tsx|ts-node|python[\d.]*|pypy3?|ruby|php|perl|java|dotnet|sh|bash|cmd)$/;
/** The package itself, given as an option. */
const packageOptions = /^(-p|--package|--from|-m|-jar|--image)$/;
/** Options of a runner that are followed by their own argument. */
const valueOptions =
  /^(-e|--env|--env-file|-v|--volume|--mount|--name|--network|--net|-w|--workdir|-u|--user|-c|--call|--cwd|--prefix|--python|--with|--directory|--project|--registry|-r|--require|--import|--loader|--config|--add-host|--label|-l|--entrypoint|--platform|--memory|-m|--cpus|-P|--publish)$/;
/** A name of a package, an image or a file. Anything else in an argument, such as a key or an address, is not shown. */
const plainName = /^[@\w./+~^-][\w./@:+~^-]{0,150}$/;

/**
 * What a stdio server runs, for a list: the package, the image or the script, and not the program that
 * starts it, which half of all servers share. Arguments may contain secrets; only this one is shown.
 */
export function programName(command: string, args: readonly string[]): string {
  const base = (command.split(/[\\/]/).at(-1) ?? "").replace(/\.(exe|cmd|bat|ps1)$/i, "");
  const words = Object.hasOwn(runners, base) ? runners[base] : undefined;
  const isInterpreter = interpreters.test(base);
  if (!words && !isInterpreter) return command;
  const rest = [...args];
  const isRunner = words !== undefined && (words.length === 0 || words.includes(rest[0] ?? ""));
  if (isRunner) while (words.includes(rest[0] ?? "") || isSecondWord(base, rest[0])) rest.shift();
  else if (!isInterpreter) return command;
  const found = firstName(rest, isRunner && /docker|podman/.test(base));
  return found === null ? command : packageOf(found);
}

/** `uv tool run`, `docker container run`, `deno run`. */
function isSecondWord(base: string, word: string | undefined): boolean {
  return word === "run" && /^(uv|docker|podman)$/.test(base);
}

function firstName(args: readonly string[], isImage: boolean): string | null {
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? "";
    const [, option, value] = /^(--?[a-z-]+)=(.*)$/i.exec(argument) ?? [];
    if (!isImage && option && packageOptions.test(option)) return named(value);
    if (!isImage && packageOptions.test(argument)) return named(args[at + 1]);
    if (/^(-e|--eval|-c|--call)$/.test(argument) && !isImage) return null;
    if (valueOptions.test(argument)) at++;
    else if (argument === "run") continue;
    else if (!argument.startsWith("-")) return named(argument);
  }
  return null;
}

function named(argument: string | undefined): string | null {
  return argument !== undefined && plainName.test(argument) ? argument : null;
}

/** For a file within an installed package, the package. */
function packageOf(name: string): string {
  const inside = name.split(/node_modules\//).at(-1) ?? name;
  if (inside === name) return name;
  return inside
    .split("/")
    .slice(0, inside.startsWith("@") ? 2 : 1)
    .join("/");
}

/**
 * A server's variables on their way past the program that shuts it in. That one runs outside of the
 * sandbox: LD_PRELOAD and its like, entered by an admin, would run code there. So they travel under names
 * that mean nothing, and a shell inside gives them their own. Values stand in no argument, which
 * everybody on the machine could read.
 *
 * @param own what the program gets beside them, such as HOME; a server's variable wins
 * @returns `command` is to be started inside with `args`, and `environment` given to what starts it
 */
export function handVariables(
  program: { command: string; args: readonly string[] },
  variables: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): { command: string; args: string[]; environment: Record<string, string> } {
  const entries = [...new Map([...Object.entries(own), ...Object.entries(variables)])];
  const carried = entries.map(([name, value], index) => ({ name, value, as: `USHER_${index}` }));
  const script = [
    ...carried.map(({ as, name }) => `export ${name}="$${as}"`),
    ...carried.map(({ as }) => `unset ${as}`),
    'exec "$@"',
  ].join("\n");
  return {
    command: "/bin/sh",
    args: ["-c", script, "sh", program.command, ...program.args],
    environment: Object.fromEntries(carried.map(({ as, value }) => [as, value])),
  };
}

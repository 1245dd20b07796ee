/** What a process of the benchmark can be asked to do by the one that drives it. */
// biome-ignore lint/suspicious/noExplicitAny: each command has an argument of its own type
export type Commands = Record<string, (argument: any) => Promise<unknown>>;

export interface Question {
  id: number;
  name: string;
  argument: unknown;
}

export type Answer = { id: number; result?: unknown; error?: string };

/** Answers questions until the driving process is gone. */
export function serve(commands: Commands): void {
  process.on("message", async ({ id, name, argument }: Question) => {
    try {
      const command = commands[name];
      if (!command) throw new Error(`There is no command ${name}.`);
      process.send?.({ id, result: await command(argument) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? "") : String(error) });
    }
  });
  process.once("disconnect", () => process.exit());
  process.send?.({ ready: true });
}

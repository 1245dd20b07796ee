import { mkdir, open, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";

interface Occupant {
  pid: number;
  port: number;
}

/** Another process serves this folder; two would damage the data. */
export class DataFolderInUseError extends Error {
  readonly occupant: Occupant;

  constructor(folder: string, occupant: Occupant) {
    super(
      `The database in ${folder} is already served by process ${occupant.pid} on port ${occupant.port}.`,
    );
    this.name = "DataFolderInUseError";
    this.occupant = occupant;
  }
}

/**
 * Marks a data folder as served by this process, in a file beside it. A mark whose process is gone
 * or whose port no longer answers, as after a power cut, is taken over.
 *
 * @returns a function that removes the mark.
 * @throws DataFolderInUseError
 */
export async function occupyDataFolder(folder: string, port: number): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mark = `${folder}.lock`;
  const occupant = await dataFolderOccupant(folder);
  if (occupant) throw new DataFolderInUseError(folder, occupant);
  await rm(mark, { force: true });
  const file = await open(mark, "wx", 0o600);
  await file.writeFile(JSON.stringify({ pid: process.pid, port } satisfies Occupant));
  await file.close();
  return () => rm(mark, { force: true });
}

/** The live process that serves a data folder, if there is one. */
export async function dataFolderOccupant(folder: string): Promise<Occupant | undefined> {
  const occupant = await readMark(`${folder}.lock`);
  if (!occupant || !isRunning(occupant.pid)) return undefined;
  return (await answers(occupant.port)) ? occupant : undefined;
}

async function readMark(mark: string): Promise<Occupant | undefined> {
  try {
    const { pid, port } = JSON.parse(await readFile(mark, "utf8")) as Partial<Occupant>;
    return pid && port ? { pid, port } : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.setTimeout(2_000, () => socket.destroy());
    socket.once("connect", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}

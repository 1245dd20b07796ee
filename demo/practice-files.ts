import { join } from "node:path";
import { type McpServerOptions, type PracticeMcpServer, startMcpServer } from "@/demo/mcp-server";
import { Folder } from "@/demo/mcp-server/folder";
import { seedFiles } from "@/demo/mcp-server/seed-files";

export type PracticeFilesOptions = Pick<
  McpServerOptions,
  "port" | "provider" | "scopes" | "protocol" | "introspectionCacheMs" | "listsToolsOpenly"
> & {
  /** Its folders are created and filled if they do not exist yet. */
  dataDir: string;
};

/** One folder for everyone, whoever's token it is: for the SHARED mode. */
export async function startTeamHandbook(options: PracticeFilesOptions): Promise<PracticeMcpServer> {
  const path = join(options.dataDir, "handbook");
  await seedFiles("handbook", path);
  const folder = new Folder(path);
  return startMcpServer({
    ...options,
    title: "Team Handbook",
    whose: "the team handbook",
    instructions: "How this team works: onboarding, holidays, on call, benefits.",
    folderOf: () => folder,
  });
}

/** A folder for each person, chosen by the `sub` of the token: for the PER_USER mode. */
export async function startPersonalFiles(
  options: PracticeFilesOptions,
): Promise<PracticeMcpServer> {
  const path = join(options.dataDir, "people");
  await Promise.all([seedFiles("ada", join(path, "ada")), seedFiles("grace", join(path, "grace"))]);
  return startMcpServer({
    ...options,
    title: "Personal Files",
    whose: "the person who is connected",
    instructions: "The own notes and to-do lists of the person who is connected.",
    folderOf: ({ id }) => new Folder(join(path, id)),
  });
}

/** A calendar for each person, chosen by the `sub` of the token: for people admitted by an identity provider. */
export async function startTeamCalendar(options: PracticeFilesOptions): Promise<PracticeMcpServer> {
  const path = join(options.dataDir, "calendar");
  await seedFiles("calendar", path);
  return startMcpServer({
    ...options,
    title: "Team Calendar",
    whose: "the calendar of the person who is signed in",
    instructions: "This week and the time off of the person who is signed in.",
    folderOf: ({ id }) => new Folder(join(path, id)),
  });
}

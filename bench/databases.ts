import pg from "pg";

/** Runs a statement of the benchmark's own on a database of the installation. */
export async function sql<Row extends object>(
  url: string,
  statement: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<Row>(statement, values);
    return rows;
  } finally {
    await client.end();
  }
}

/** A copy of a whole database, by its server. */
export async function copyDatabase(url: string, name: string): Promise<string> {
  const from = new URL(url);
  const administration = new URL(url);
  administration.pathname = "/postgres";
  await sql(administration.href, `CREATE DATABASE "${name}" TEMPLATE "${from.pathname.slice(1)}"`);
  from.pathname = name;
  return from.href;
}

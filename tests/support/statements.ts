import pg from "pg";

/** The statements that this process sends to Postgres meanwhile, each as often as it is sent. */
export async function statementsDuring(work: () => Promise<void>): Promise<string[]> {
  const sent: string[] = [];
  const { prototype } = pg.Connection;
  const original = { parse: prototype.parse, bind: prototype.bind, query: prototype.query };
  // A prepared statement's text is sent once for a connection, and its name from then on.
  const texts = new Map<string, string>();
  let parsed = "";
  prototype.parse = function (query, more) {
    parsed = query.text;
    if (query.name) texts.set(query.name, query.text);
    original.parse.call(this, query, more);
  };
  prototype.bind = function (config, more) {
    const name = config?.statement ?? "";
    sent.push(name === "" ? parsed : (texts.get(name) ?? name));
    original.bind.call(this, config, more);
  };
  prototype.query = function (text) {
    sent.push(text);
    original.query.call(this, text);
  };
  try {
    await work();
  } finally {
    Object.assign(prototype, original);
  }
  return sent.map((text) => text.replace(/\s+/g, " ").trim());
}

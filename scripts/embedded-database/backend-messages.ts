/** AuthenticationCleartextPassword: the connection stays on this machine. */
export const passwordRequest = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

/** @see https://www.postgresql.org/docs/current/protocol-error-fields.html */
export function fatalError(code: string, message: string): Buffer {
  const fields = [`SFATAL`, `VFATAL`, `C${code}`, `M${message}`];
  const body = Buffer.from(`${fields.map((field) => `${field}\0`).join("")}\0`);
  const header = Buffer.from([0x45, 0, 0, 0, 0]);
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

/** The columns of a joined table, for a SELECT, under names that do not meet those of the others. */
export function joinedColumns(alias: string, fields: readonly string[]): string {
  return fields.map((field) => `${alias}."${field}" AS "${alias}.${field}"`).join(", ");
}

/** The row of a joined table; null where an outer join found none. */
export function joinedRow<Row>(
  row: Readonly<Record<string, unknown>>,
  alias: string,
  fields: readonly string[],
): Row | null {
  if (row[`${alias}.id`] === null) return null;
  return Object.fromEntries(fields.map((field) => [field, row[`${alias}.${field}`]])) as Row;
}

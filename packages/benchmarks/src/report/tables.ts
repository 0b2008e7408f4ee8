/** Renders rows for a terminal, the first one being the heading. */
export function renderTextTable(rows: string[][]): string {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map(row => row[column].length)),
  );
  const lines = rows.map(row =>
    row
      .map((cell, column) =>
        isNumeric(rows, column)
          ? cell.padStart(widths[column])
          : cell.padEnd(widths[column]),
      )
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map(width => '-'.repeat(width)).join('  ');
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

/** Renders rows as a Markdown table, the first one being the heading. */
export function renderMarkdownTable(rows: string[][]): string {
  const rule = rows[0].map((_, column) =>
    isNumeric(rows, column) ? '---:' : '---',
  );
  return [rows[0], rule, ...rows.slice(1)]
    .map(row => `| ${row.join(' | ')} |`)
    .join('\n');
}

function isNumeric(rows: string[][], column: number): boolean {
  return rows.slice(1).every(row => /^[0-9.,]+( %)?$/.test(row[column]));
}

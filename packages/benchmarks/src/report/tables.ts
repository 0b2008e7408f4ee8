/** How a report looks. */
export interface Style {
  heading(line: string): string;
  /** The first row is the heading. */
  table(rows: string[][]): string;
}

/** For a terminal. */
export const TEXT: Style = {
  heading: line => line,
  table: renderTextTable,
};

/** For `docs/benchmarks.md`. */
export const MARKDOWN: Style = {
  heading: line => `## ${line}`,
  table: renderMarkdownTable,
};

function renderTextTable(rows: string[][]): string {
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

function renderMarkdownTable(rows: string[][]): string {
  const rule = rows[0].map((_, column) =>
    isNumeric(rows, column) ? '---:' : '---',
  );
  return [rows[0], rule, ...rows.slice(1)]
    .map(row => `| ${row.join(' | ')} |`)
    .join('\n');
}

function isNumeric(rows: string[][], column: number): boolean {
  return rows.slice(1).every(row => /^([0-9.,]+( %)?)?$/.test(row[column]));
}

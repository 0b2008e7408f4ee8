// @ts-check

const TABLES = ['usage_series', 'usage_team_sets'];

const HOUR_MS = 3_600_000;

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  for (const name of TABLES) {
    await knex.schema.alterTable(name, table => {
      table
        .integer('last_hour')
        .notNullable()
        .defaultTo(0)
        .comment(
          'Of the newest request; the row goes with the sums of that hour',
        );
    });
    // When those that are there were used last is not known.
    await knex(name).update({ last_hour: Math.floor(Date.now() / HOUR_MS) });
  }
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  for (const name of TABLES) {
    await knex.schema.alterTable(name, table => {
      table.dropColumn('last_hour');
    });
  }
};

// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('servers', table => {
    table
      .timestamp('absent_since', { useTz: true })
      .nullable()
      .comment('Since when the catalog does not have it; null when it does');
  });
  await knex('servers')
    .where({ present: false })
    .update({ absent_since: knex.ref('updated_at') });
  await knex.schema.alterTable('servers', table => {
    table.dropColumn('present');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('servers', table => {
    table
      .boolean('present')
      .notNullable()
      .defaultTo(true)
      .comment('Whether the catalog has it now');
  });
  await knex('servers').whereNotNull('absent_since').update({ present: false });
  await knex.schema.alterTable('servers', table => {
    table.dropColumn('absent_since');
  });
};

// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('usage_events', table => {
    table
      .string('detectors', 512)
      .nullable()
      .comment('Guardrails that found something, separated by spaces');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('usage_events', table => {
    table.dropColumn('detectors');
  });
};

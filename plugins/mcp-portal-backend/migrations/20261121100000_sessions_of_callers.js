// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('client_sessions', table => {
    table.index(['caller_uuid', 'used_at'], 'client_sessions_caller_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('client_sessions', table => {
    table.dropIndex(['caller_uuid', 'used_at'], 'client_sessions_caller_idx');
  });
};

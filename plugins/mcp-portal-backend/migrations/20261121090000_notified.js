// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('approvals', table => {
    table
      .timestamp('notified_at', { useTz: true })
      .nullable()
      .comment('When approvers were told; null until it has worked');
  });
  await knex('approvals').update({ notified_at: knex.ref('created_at') });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('approvals', table => {
    table.dropColumn('notified_at');
  });
};

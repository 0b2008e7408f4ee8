// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('servers', table => {
    table
      .string('sync_as', 36)
      .nullable()
      .comment(
        'UUID of the approver as whom it is looked at, where each user signs in',
      );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('servers', table => {
    table.dropColumn('sync_as');
  });
};

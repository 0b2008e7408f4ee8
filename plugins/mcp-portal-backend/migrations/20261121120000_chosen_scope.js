// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('user_credentials', table => {
    table
      .text('chosen_scope')
      .nullable()
      .comment(
        'What the user chose to grant, separated by spaces; more than this is not used, whatever the issuer granted. Null without a choice',
      );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('user_credentials', table => {
    table.dropColumn('chosen_scope');
  });
};

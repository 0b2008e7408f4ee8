// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('user_credentials', table => {
    table
      .timestamp('left_since', { useTz: true })
      .nullable()
      .comment(
        'When it was noticed that the user had left, or the server was retired',
      );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('user_credentials', table => {
    table.dropColumn('left_since');
  });
};

// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('principals', table => {
    table.comment('The random UUID by which each user and service is known');
    table
      .string('uuid', 36)
      .primary()
      .comment('Random (version 4): says nothing about whose it is');
    table.string('kind', 16).notNullable().comment('user or service');
    table
      .string('entity_ref', 512)
      .notNullable()
      .comment('Full entity ref in lower case');
    table
      .timestamp('created_at', { useTz: true })
      .notNullable()
      .defaultTo(knex.fn.now())
      .comment('When the user or service was first seen');
    table.unique(['entity_ref'], { indexName: 'principals_entity_ref_uniq' });
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('principals');
};

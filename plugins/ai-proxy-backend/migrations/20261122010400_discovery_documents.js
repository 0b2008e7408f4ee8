// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('discovery_documents', table => {
    table.comment('The last good configuration of coding tools, by its source');
    table
      .string('source', 64)
      .primary('discovery_documents_pk')
      .comment('SHA-256 of what the configuration says of the source');
    table
      .string('version', 200)
      .notNullable()
      .comment('As the source names it, such as a commit');
    // Text, as the order of keys matters.
    table.text('document', 'longtext').notNullable().comment('JSON');
    table.timestamp('compiled_at', { useTz: true }).notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('discovery_documents');
};

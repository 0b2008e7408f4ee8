// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('servers', table => {
    table
      .boolean('turned_down')
      .notNullable()
      .defaultTo(false)
      .comment(
        'Whether a person rejected or retired it, which the configuration does not outweigh',
      );
  });
  await knex('servers')
    .where({ status: 'retired' })
    .orWhere(servers =>
      servers
        .whereIn('status', ['draft', 'pending'])
        .whereIn(
          'entity_ref',
          knex('server_history')
            .select('entity_ref')
            .whereIn('action', ['reject', 'retire']),
        ),
    )
    .update({ turned_down: true });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('servers', table => {
    table.dropColumn('turned_down');
  });
};

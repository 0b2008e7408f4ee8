// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('servers', table => {
    table.comment('MCP servers of the catalog, and where each stands');
    table
      .string('entity_ref', 300)
      .primary('servers_pk')
      .comment('Full entity ref in lower case');
    table.string('name', 24).notNullable().comment('As in names of tools');
    table
      .string('name_key', 24)
      .notNullable()
      .comment('The name in lower case: no two names differ by case only');
    table
      .text('catalog', 'longtext')
      .notNullable()
      .comment('JSON: what the catalog said last');
    table
      .boolean('present')
      .notNullable()
      .comment('Whether the catalog has it now');
    table
      .string('status', 20)
      .notNullable()
      .comment('draft, pending, approved, suspended or retired');
    table.text('status_reason').nullable().comment('For people');
    table
      .string('suspension_cause', 20)
      .nullable()
      .comment('manual, or what has to pass: absent, remotes or unconfigured');
    table.string('proposed_by', 36).nullable().comment('UUID of a user');
    table
      .string('approved_by', 36)
      .nullable()
      .comment('UUID of a user, or config');
    table
      .text('former_owners')
      .notNullable()
      .comment('JSON: who owned it lately, and until when that counts');
    table
      .text('inspected_remotes')
      .nullable()
      .comment('JSON: remotes at which an approver looked at it');
    table
      .text('approved_remotes')
      .nullable()
      .comment('JSON: remotes that were approved, the only ones contacted');
    table
      .boolean('trust_first_snapshot')
      .notNullable()
      .comment('Approved by configuration, and never seen until now');
    table
      .text('about', 'longtext')
      .nullable()
      .comment('JSON: what it says of itself; never served');
    table.string('health_state', 20).notNullable();
    table.text('health_error').nullable().comment('For people');
    table.integer('consecutive_failures').notNullable();
    table.timestamp('last_attempt_at', { useTz: true }).nullable();
    table.timestamp('last_success_at', { useTz: true }).nullable();
    table
      .string('sync_token', 36)
      .nullable()
      .comment('Of the replica that takes a snapshot now');
    table.timestamp('sync_until', { useTz: true }).nullable();
    table.timestamp('sync_started_at', { useTz: true }).nullable();
    table
      .timestamp('sync_requested_at', { useTz: true })
      .nullable()
      .comment('When the server said that it changed');
    table.timestamp('next_sync_at', { useTz: true }).nullable();
    table
      .integer('version')
      .notNullable()
      .comment('Of the registry, when this server changed last');
    table.timestamp('created_at', { useTz: true }).notNullable();
    table.timestamp('updated_at', { useTz: true }).notNullable();
    table.unique(['name_key'], { indexName: 'servers_name_key_uniq' });
    table.index(['version'], 'servers_version_idx');
  });

  await knex.schema.createTable('server_history', table => {
    table.comment('Every change of where a server stands');
    table.increments('seq').comment('Order');
    table.string('entity_ref', 300).notNullable();
    table.string('action', 20).notNullable();
    table.string('from_status', 20).notNullable();
    table.string('to_status', 20).notNullable();
    table
      .string('by', 36)
      .notNullable()
      .comment('UUID of a user, config or catalog');
    table.text('reason').nullable();
    table.timestamp('at', { useTz: true }).notNullable();
    table.index(['entity_ref', 'seq'], 'server_history_server_idx');
  });

  await knex.schema.createTable('server_definitions', table => {
    table.comment(
      'Tools, prompts and resource templates, and what was approved',
    );
    table.string('id', 36).primary('server_definitions_pk').comment('UUID');
    table.string('entity_ref', 300).notNullable().comment('Of the server');
    table
      .string('kind', 20)
      .notNullable()
      .comment('tool, prompt or resource-template');
    table.text('key').notNullable().comment('Name or URI template');
    table.string('key_hash', 64).notNullable().comment('SHA-256 of the key');
    table.string('status', 20).notNullable();
    table
      .string('pin', 80)
      .notNullable()
      .comment('Of what the server sends now');
    table
      .text('definition', 'longtext')
      .notNullable()
      .comment('JSON: what the server sends now');
    table.text('findings', 'longtext').notNullable().comment('JSON');
    table
      .boolean('critical')
      .notNullable()
      .comment('Whether one of the findings is critical');
    table.string('approved_pin', 80).nullable();
    table.text('approved_definition', 'longtext').nullable().comment('JSON');
    table
      .string('approved_by', 36)
      .nullable()
      .comment('UUID of a user, or config');
    table.timestamp('approved_at', { useTz: true }).nullable();
    table
      .string('tool_class', 20)
      .nullable()
      .comment('As approved: read, write or destructive');
    table
      .timestamp('seen_at', { useTz: true })
      .notNullable()
      .comment('When this form was first seen');
    table.unique(['entity_ref', 'kind', 'key_hash'], {
      indexName: 'server_definitions_key_uniq',
    });
  });

  await knex.schema.createTable('rejected_definitions', table => {
    table.comment('Forms of definitions that someone refused');
    table.string('entity_ref', 300).notNullable();
    table.string('kind', 20).notNullable();
    table.string('key_hash', 64).notNullable();
    table.string('pin', 80).notNullable();
    table.string('by', 36).notNullable().comment('UUID of a user');
    table.text('reason').nullable();
    table.timestamp('at', { useTz: true }).notNullable();
    table.primary(
      ['entity_ref', 'kind', 'key_hash', 'pin'],
      'rejected_definitions_pk',
    );
  });

  await knex.schema.createTable('registry_version', table => {
    table.comment('Counts changes, so that replicas notice them');
    table.integer('id').primary('registry_version_pk').comment('Always 1');
    table.integer('version').notNullable();
  });
  await knex('registry_version').insert({ id: 1, version: 0 });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  for (const table of [
    'registry_version',
    'rejected_definitions',
    'server_definitions',
    'server_history',
    'servers',
  ]) {
    await knex.schema.dropTable(table);
  }
};

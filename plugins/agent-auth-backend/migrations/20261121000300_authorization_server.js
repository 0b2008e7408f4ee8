// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('oauth_records', table => {
    table.comment(
      'State of the authorization server: codes, tokens, grants, interactions, registered clients',
    );
    table.string('model', 64).notNullable().comment('Kind of the record');
    table
      .string('id_hash', 64)
      .notNullable()
      .comment('SHA-256 of the id, which for codes and tokens is the secret');
    table.string('grant_id', 64).nullable().comment('Connection it belongs to');
    table
      .string('lookup_hash', 64)
      .nullable()
      .comment('SHA-256 of the user code or of the uid');
    table
      .text('payload', 'longtext')
      .notNullable()
      .comment('JSON, without the id and without the user code');
    table.timestamp('expires_at', { useTz: true }).nullable();
    table
      .timestamp('consumed_at', { useTz: true })
      .nullable()
      .comment('When a code or refresh token was used');
    table.primary(['model', 'id_hash'], 'oauth_records_pk');
    table.index(['grant_id'], 'oauth_records_grant_idx');
    table.index(['model', 'lookup_hash'], 'oauth_records_lookup_idx');
    table.index(['expires_at'], 'oauth_records_expiry_idx');
  });

  await knex.schema.createTable('connections', table => {
    table.comment('What may act for a user or service, and since when');
    table
      .string('id', 36)
      .primary('connections_pk')
      .comment('UUID, also the id of the grant');
    table.string('name', 200).notNullable();
    table.string('principal', 36).notNullable().comment('UUID');
    table.string('client_id', 2000).notNullable();
    table.string('client_name', 200).notNullable();
    table.string('client_origin', 20).notNullable();
    table.string('grant_type', 40).notNullable();
    table.text('resources').notNullable().comment('JSON');
    table.text('limits').notNullable().comment('JSON');
    table
      .text('claims')
      .notNullable()
      .comment('JSON: amr, acr and auth_time of the identity provider');
    table.string('device', 500).nullable().comment('User agent');
    table.timestamp('created_at', { useTz: true }).notNullable();
    table.timestamp('expires_at', { useTz: true }).notNullable();
    table.timestamp('last_used_at', { useTz: true }).nullable();
    table.string('last_used_from', 45).nullable().comment('IP address');
    table.timestamp('revoked_at', { useTz: true }).nullable();
    table.string('revoked_reason', 200).nullable();
    table.index(['principal', 'created_at'], 'connections_principal_idx');
    table.index(['created_at', 'id'], 'connections_created_idx');
    table.index(['expires_at'], 'connections_expiry_idx');
    table.index(['revoked_at'], 'connections_revoked_idx');
    table.index(['client_id'], 'connections_client_idx');
  });

  await knex.schema.createTable('revocations', table => {
    table.comment('What replicas have to forget, in order');
    table.increments('seq').comment('Position');
    table.string('connection_id', 36).nullable();
    table.string('token_hash', 64).nullable();
    table
      .timestamp('created_at', { useTz: true })
      .notNullable()
      .defaultTo(knex.fn.now());
    table.index(['created_at'], 'revocations_created_idx');
  });

  await knex.schema.createTable('backstage_sessions', table => {
    table.comment(
      'One Backstage refresh token for each user, to act in Backstage for them',
    );
    table
      .string('principal', 36)
      .primary('backstage_sessions_pk')
      .comment('UUID');
    table.text('refresh_token').notNullable().comment('Encrypted');
    table.timestamp('updated_at', { useTz: true }).notNullable();
    table
      .timestamp('renewing_until', { useTz: true })
      .nullable()
      .comment('While a replica renews it');
  });

  await knex.schema.createTable('server_keys', table => {
    table.comment('Keys of the authorization server that it made by itself');
    table.string('id', 64).primary('server_keys_pk');
    table
      .string('purpose', 20)
      .notNullable()
      .comment('signing, cookie or encryption');
    table
      .text('secret')
      .notNullable()
      .comment('Encrypted, except for purpose encryption');
    table.timestamp('created_at', { useTz: true }).notNullable();
    table.index(['purpose', 'created_at'], 'server_keys_purpose_idx');
  });

  await knex.schema.createTable('registered_clients', table => {
    table.comment('Clients that an administrator registered on the page');
    table.string('id', 200).primary('registered_clients_pk');
    table.text('client').notNullable().comment('JSON');
    table
      .string('secret_hash', 64)
      .nullable()
      .comment('SHA-256 of a random secret');
    table.timestamp('created_at', { useTz: true }).notNullable();
    table.string('created_by', 36).notNullable().comment('UUID of the user');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  for (const table of [
    'registered_clients',
    'server_keys',
    'backstage_sessions',
    'revocations',
    'connections',
    'oauth_records',
  ]) {
    await knex.schema.dropTable(table);
  }
};

/**
 * The built-in functions of MySQL and MariaDB that leave nothing behind in the session. A name that
 * is missing here costs one reset; a name that is wrong here lets state leak. Left out on purpose:
 *
 * - `get_lock`, `release_lock`, `release_all_locks`, `service_get_*_locks`, `service_release_locks`:
 *   they change which locks the session holds;
 * - `nextval`, `setval`, `lastval`: a sequence's last value belongs to the session;
 * - `last_insert_id`: with an argument it sets what the next call returns, so the verdict looks at
 *   its parentheses;
 * - `master_pos_wait`, `source_pos_wait`, `master_gtid_wait`, `wait_for_executed_gtid_set`,
 *   `wsrep_sync_wait_upto_gtid`, `group_replication_*`, `asynchronous_connection_failover_*`: they
 *   wait for or steer replication, and need no fast path;
 * - whatever comes from a plugin or a component (`keyring_*`, `version_tokens_*`, `audit_*`, …): it
 *   may do anything;
 * - young ones with names that older servers leave to the users, who took them: `distance`, `trunc`,
 *   `to_date`, `to_number`, `months_between`, `uuid_v4`, `uuid_v7`.
 *
 * `sleep`, `benchmark` and `load_file` take time or read files, but the session stays as it is.
 */
export const HARMLESS_FUNCTIONS: ReadonlySet<string> = new Set(
  [
    // Aggregates and windows
    `any_value avg bit_and bit_or bit_xor count cume_dist dense_rank first_value group_concat
    grouping json_arrayagg json_objectagg lag last_value lead max median min nth_value ntile
    percent_rank percentile_cont percentile_disc rank row_number rownum st_collect std stddev
    stddev_pop stddev_samp sum var_pop var_samp variance`,

    // Control flow and comparison
    `coalesce decode_oracle elt field find_in_set greatest if ifnull interval isnull least nullif
    nvl nvl2 strcmp`,

    // Text
    `ascii bin bit_length char char_length character_length chr concat concat_operator_oracle
    concat_ws export_set format format_bytes format_pico_time from_base64 hex insert instr lcase
    left length lengthb load_file locate lower lpad lpad_oracle ltrim ltrim_oracle make_set match
    mid natural_sort_key oct octet_length ord position quote regexp_instr regexp_like
    regexp_replace regexp_substr repeat replace replace_oracle reverse right rpad rpad_oracle rtrim
    rtrim_oracle sformat soundex space substr substr_oracle substring substring_index to_base64
    to_char trim trim_oracle ucase unhex upper weight_string`,

    // Numbers
    `abs acos asin atan atan2 bit_count ceil ceiling conv cos cot crc32 crc32c degrees exp floor ln
    log log10 log2 mod pi pow power radians rand round sign sin sqrt tan truncate`,

    // Dates and times
    `add_months adddate addtime convert_tz curdate current_date current_time current_timestamp
    curtime date date_add date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear
    extract from_days from_unixtime get_format hour last_day localtime localtimestamp makedate
    maketime microsecond minute month monthname now period_add period_diff quarter
    sec_to_time second str_to_date subdate subtime sysdate time time_format time_to_sec timediff
    timestamp timestampadd timestampdiff to_days to_seconds unix_timestamp utc_date utc_time
    utc_timestamp week weekday weekofyear year yearweek`,

    // Conversion, and what looks like a function in DML
    'binary cast convert default json_table value values',

    // JSON, XML, dynamic columns and vectors
    `column_add column_check column_create column_delete column_exists column_get column_json
    column_list extractvalue json_array json_array_append json_array_insert json_array_intersect
    json_compact json_contains json_contains_path json_depth json_detailed json_equals json_exists
    json_extract json_insert json_key_value json_keys json_length json_loose json_merge
    json_merge_patch json_merge_preserve json_normalize json_object json_object_filter_keys
    json_object_to_array json_overlaps json_pretty json_query json_quote json_remove json_replace
    json_schema_valid json_schema_validation_report json_search json_set json_storage_free
    json_storage_size json_type json_unquote json_valid json_value updatexml
    string_to_vector vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext
    vector_dim vector_to_string`,

    // Hashing, ciphers and compression
    `aes_decrypt aes_encrypt compress decode des_decrypt des_encrypt encode encrypt kdf md5
    old_password password random_bytes sha sha1 sha2 statement_digest statement_digest_text
    uncompress uncompressed_length validate_password_strength`,

    // Addresses and identifiers
    `bin_to_uuid inet6_aton inet6_ntoa inet_aton inet_ntoa is_ipv4 is_ipv4_compat is_ipv4_mapped
    is_ipv6 is_uuid sys_guid uuid uuid_short uuid_to_bin`,

    // What they tell about the session or the server, they only read
    `benchmark binlog_gtid_pos charset coercibility collation connection_id current_role
    current_user database decode_histogram found_rows icu_version is_free_lock is_used_lock
    name_const ps_current_thread_id ps_thread_id row_count schema schemas session_user sleep
    system_user user version`,

    // Spatial
    `geomcollection geometrycollection linestring mbrcontains mbrcoveredby mbrcovers mbrdisjoint
    mbrequal mbrequals mbrintersects mbroverlaps mbrtouches mbrwithin multilinestring multipoint
    multipolygon point polygon st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt
    st_boundary st_buffer st_buffer_strategy st_centroid st_contains st_convexhull st_crosses
    st_difference st_dimension st_disjoint st_distance st_distance_sphere st_endpoint st_envelope
    st_equals st_exteriorring st_frechetdistance st_geohash st_geomcollfromtext st_geometryn
    st_geometrytype st_geomfromgeojson st_geomfromtext st_geomfromwkb st_hausdorffdistance
    st_interiorringn st_intersection st_intersects st_isclosed st_isempty st_isring st_issimple
    st_isvalid st_latfromgeohash st_latitude st_length st_linefromtext st_linefromwkb
    st_lineinterpolatepoint st_lineinterpolatepoints st_longfromgeohash st_longitude st_makeenvelope
    st_mlinefromtext st_mpointfromtext st_mpolyfromtext st_numgeometries st_numinteriorrings
    st_numpoints st_overlaps st_pointatdistance st_pointfromgeohash st_pointfromtext st_pointfromwkb
    st_pointn st_pointonsurface st_polyfromtext st_polyfromwkb st_relate st_simplify st_srid
    st_startpoint st_swapxy st_symdifference st_touches st_transform st_union st_validate st_within
    st_x st_y`,
  ]
    .join(' ')
    .split(/\s+/),
)

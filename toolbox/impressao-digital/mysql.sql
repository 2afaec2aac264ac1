-- Impressão digital de um banco MySQL (8.0.17 a 9.7): texto ordenado, um fato por linha. Dois bancos são iguais quando
-- o `diff` das duas impressões sai vazio. Só lê; não cria nada; não precisa de nenhum programa além do cliente mysql:
--
--   mysql --defaults-file="$CNF" --batch --skip-column-names "$DB" < mysql.sql > antes.txt
--
-- Primeiro os dados (tabelas e AUTO_INCREMENT), depois o inventário; cada parte em ordem de bytes. Sem a última linha,
-- `fim`, a impressão está incompleta: não a compare. Rode como administrador: o que não puder ser lido é erro, nunca
-- omissão (são precisos SELECT em *.*, e SHOW VIEW, TRIGGER e EVENT no banco).
--
-- O nome do banco, a ordem física das linhas e as estatísticas não entram. Entram de propósito as concessões que
-- alcançam este banco, que um dump não leva. Ficam de fora: usuários e senhas (pertencem ao servidor), histogramas,
-- tablespaces e o analisador (PARSER) de índices FULLTEXT.

SET NAMES utf8mb4;
-- Nada do que a sessão tenha configurado pode mudar o texto (safe-updates num ~/.my.cnf cortaria o resultado em mil
-- linhas). AUTO_INCREMENT é lido da tabela, não de um valor guardado.
SET SESSION sql_mode = '', time_zone = '+00:00', information_schema_stats_expiry = 0,
            group_concat_max_len = 18446744073709551615,
            sql_select_limit = 18446744073709551615, sql_big_selects = ON;
/*!80030 SET SESSION show_gipk_in_create_table_and_information_schema = ON */;
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY;

-- SQL comum não tem como dizer "pare": UUID_TO_BIN recusa o texto, e a mensagem de erro o mostra.
SET @nada = IF(DATABASE() IS NULL, UUID_TO_BIN('diga o nome do banco na linha de comando'), NULL);
SELECT GROUP_CONCAT(p.nome, IF(p.em_tudo, ' em *.*', '') ORDER BY p.nome SEPARATOR ', ') INTO @falta
  FROM (SELECT 'SELECT' AS nome, TRUE AS em_tudo UNION ALL SELECT 'SHOW VIEW', FALSE
        UNION ALL SELECT 'TRIGGER', FALSE UNION ALL SELECT 'EVENT', FALSE) p
 WHERE NOT EXISTS (
   SELECT 1
     FROM (SELECT GRANTEE, PRIVILEGE_TYPE, TRUE AS em_tudo FROM information_schema.USER_PRIVILEGES
           UNION ALL
           SELECT GRANTEE, PRIVILEGE_TYPE, FALSE FROM information_schema.SCHEMA_PRIVILEGES
            WHERE DATABASE() LIKE TABLE_SCHEMA) c
    WHERE c.PRIVILEGE_TYPE = p.nome AND c.em_tudo >= p.em_tudo
      AND FIND_IN_SET(REPLACE(c.GRANTEE, '\'', ''), REPLACE(CONCAT_WS(',', CURRENT_USER(), CURRENT_ROLE()), '`', '')));
SET @nada = IF(@falta IS NOT NULL, UUID_TO_BIN(CONCAT('falta privilegio: ', @falta)), NULL);

SELECT 'impressao-digital mysql formato=1';

-- -------------------------------------------------------------------------------------------------------------------
-- Dados: um só comando, com um SELECT por tabela, escrito aqui e executado por PREPARE
-- -------------------------------------------------------------------------------------------------------------------
-- Cada linha vira um texto sem ambiguidade (NULL, '' e o limite entre colunas são distintos), com as colunas em ordem de
-- nome e os bytes de cada valor em hexadecimal; o texto vira SHA-256. A soma de seus dois primeiros pedaços de 64 bits não
-- depende da ordem e conta repetições: um XOR anularia linhas iguais aos pares. FLOAT passa por DOUBLE, porque o texto de
-- um FLOAT tem só seis algarismos. Valores que podem ser grandes entram como SHA-256 deles mesmos. LATERAL calcula o
-- SHA-256 uma vez por linha.
-- O que não cabe em max_allowed_packet vira NULL com um simples aviso: CONCAT (e não CONCAT_WS, que pula NULL) o leva até
-- UUID_TO_BIN, que é erro. GROUP_CONCAT também só avisa quando corta: por isso o tamanho de tudo é conferido.
SELECT GROUP_CONCAT(t.consulta SEPARATOR ' UNION ALL '),
       SUM(LENGTH(t.consulta)) + LENGTH(' UNION ALL ') * (COUNT(*) - 1), COUNT(*) = COUNT(t.consulta) AND MIN(t.inteira)
  INTO @consulta, @tamanho, @inteira
  FROM (SELECT CONCAT('SELECT CONCAT(', QUOTE(CONCAT('tabela ', v.tabela, ' linhas=')), ', COUNT(*), \' conteudo=\', ',
                      'LEFT(SHA2(CONCAT_WS(\':\', SUM(CAST(CONV(LEFT(`resumo da linha`.h, 16), 16, 10) AS UNSIGNED)), ',
                      'SUM(CAST(CONV(RIGHT(`resumo da linha`.h, 16), 16, 10) AS UNSIGNED))), 256), 32)) AS linha FROM `',
                      REPLACE(v.tabela, '`', '``'), '`, LATERAL (SELECT LEFT(IFNULL(SHA2(CONCAT(', v.valores, '), 256), ',
                      'UUID_TO_BIN(', QUOTE(CONCAT('linha grande demais em ', v.tabela)),
                      ')), 32) AS h) `resumo da linha`') AS consulta,
               LENGTH(v.valores) = v.tamanho AS inteira
          FROM (SELECT c.tabela, GROUP_CONCAT(c.valor ORDER BY CAST(c.coluna AS BINARY) SEPARATOR ', \',\', ') AS valores,
                       SUM(LENGTH(c.valor)) + LENGTH(', \',\', ') * (COUNT(*) - 1) AS tamanho
                  FROM (SELECT TABLE_NAME AS tabela, COLUMN_NAME AS coluna,
                               REPLACE(CASE WHEN DATA_TYPE IN ('mediumtext', 'longtext', 'mediumblob', 'longblob', 'json')
                                            THEN 'IF(% IS NULL, \'-\', SHA2(%, 256))'
                                            WHEN DATA_TYPE = 'float'
                                            THEN 'IF(% IS NULL, \'-\', HEX(CAST(% + 0e0 AS BINARY)))'
                                            ELSE 'IF(% IS NULL, \'-\', HEX(CAST(% AS BINARY)))' END,
                                       '%', CONCAT('`', REPLACE(COLUMN_NAME, '`', '``'), '`')) AS valor
                          FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()) c
                  JOIN information_schema.TABLES t
                    ON t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = c.tabela AND t.TABLE_TYPE = 'BASE TABLE'
                 GROUP BY c.tabela) v) t;
SET @nada = IF(@inteira = 0 OR LENGTH(@consulta) <> @tamanho, UUID_TO_BIN('a consulta das tabelas foi cortada'), NULL);
SET @consulta = IF(@consulta IS NULL, 'DO 0',
                   CONCAT('SELECT linha FROM (', @consulta, ') d ORDER BY CAST(linha AS BINARY)'));
PREPARE dados FROM @consulta;
EXECUTE dados;
DEALLOCATE PREPARE dados;

SELECT CONCAT('auto_increment ', c.TABLE_NAME, '.', c.COLUMN_NAME, ' proximo=', IFNULL(t.AUTO_INCREMENT, 1)) AS linha
  FROM information_schema.COLUMNS c
  JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = c.TABLE_NAME
 WHERE c.TABLE_SCHEMA = DATABASE() AND c.EXTRA LIKE '%auto_increment%'
 ORDER BY CAST(linha AS BINARY);

-- -------------------------------------------------------------------------------------------------------------------
-- Inventário
-- -------------------------------------------------------------------------------------------------------------------
-- O MySQL escreve o nome do banco dentro da definição de uma visão; ele sai daqui. Em rotinas, gatilhos e eventos o
-- texto é de quem os escreveu: um `banco`.`tabela` escrito à mão continua apontando para o banco antigo na cópia.
-- "corpo" é o SHA-256 do texto; para lê-lo, use SHOW CREATE.
SET @proprio = CONCAT('`', REPLACE(DATABASE(), '`', '``'), '`.');
SELECT IFNULL(linha, UUID_TO_BIN('fato grande demais')) AS linha
  FROM (
  SELECT CONCAT_WS(' ', 'banco', CONCAT('charset=', DEFAULT_CHARACTER_SET_NAME),
           CONCAT('collation=', DEFAULT_COLLATION_NAME),
           CONCAT('criptografia=', DEFAULT_ENCRYPTION)) AS linha
    FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()
/*!80022 UNION ALL
  SELECT CONCAT('banco opcoes=', OPTIONS) FROM information_schema.SCHEMATA_EXTENSIONS
   WHERE SCHEMA_NAME = DATABASE() AND OPTIONS <> '' */
  UNION ALL
  SELECT CONCAT_WS(' ', 'estrutura', TABLE_NAME,
           CONCAT('motor=', ENGINE),
           CONCAT('formato=', ROW_FORMAT),
           CONCAT('collation=', TABLE_COLLATION),
           CONCAT('opcoes=', NULLIF(CREATE_OPTIONS, '')),
           IF(TABLE_COMMENT = '', NULL, CONCAT('comentario=', QUOTE(TABLE_COMMENT))))
    FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'
  UNION ALL
  SELECT CONCAT_WS(' ', 'particao', CONCAT_WS('.', TABLE_NAME, PARTITION_NAME, SUBPARTITION_NAME),
           CONCAT('posicao=', CONCAT_WS('.', PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION)),
           PARTITION_METHOD,
           PARTITION_EXPRESSION,
           SUBPARTITION_METHOD,
           SUBPARTITION_EXPRESSION,
           CONCAT('valores=', PARTITION_DESCRIPTION),
           IF(PARTITION_COMMENT = '', NULL, CONCAT('comentario=', QUOTE(PARTITION_COMMENT))))
    FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND PARTITION_NAME IS NOT NULL
  UNION ALL
  SELECT CONCAT_WS(' ', 'coluna', CONCAT(TABLE_NAME, '.', COLUMN_NAME),
           CONCAT('posicao=', ORDINAL_POSITION),
           CONCAT('tipo=', COLUMN_TYPE),
           CONCAT('aceita_nulo=', IF(IS_NULLABLE = 'YES', 'sim', 'nao')),
           CONCAT('charset=', CHARACTER_SET_NAME),
           CONCAT('collation=', COLLATION_NAME),
           CONCAT('padrao=', IF(COLUMN_DEFAULT IS NULL, NULL, QUOTE(COLUMN_DEFAULT))),
           NULLIF(EXTRA, ''),
           CONCAT('expressao=', NULLIF(GENERATION_EXPRESSION, '')),
           CONCAT('srid=', SRS_ID),
           IF(COLUMN_COMMENT = '', NULL, CONCAT('comentario=', QUOTE(COLUMN_COMMENT))))
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
  UNION ALL
  SELECT CONCAT_WS(' ', 'indice', CONCAT(TABLE_NAME, '.', INDEX_NAME),
           CONCAT('unico=', IF(NON_UNIQUE, 'nao', 'sim')),
           CONCAT('tipo=', INDEX_TYPE),
           CONCAT('visivel=', IF(IS_VISIBLE = 'YES', 'sim', 'nao')),
           CONCAT('partes=(', GROUP_CONCAT(IFNULL(COLUMN_NAME, CONCAT('(', EXPRESSION, ')')),
             IFNULL(CONCAT('(', SUB_PART, ')'), ''), IF(COLLATION = 'D', ' DESC', '')
             ORDER BY SEQ_IN_INDEX SEPARATOR ', '), ')'),
           IF(INDEX_COMMENT = '', NULL, CONCAT('comentario=', QUOTE(INDEX_COMMENT))))
    FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()
   GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE, IS_VISIBLE, INDEX_COMMENT
  UNION ALL
  SELECT CONCAT_WS(' ', 'chave_estrangeira', CONCAT(r.TABLE_NAME, '.', r.CONSTRAINT_NAME),
           CONCAT('(', GROUP_CONCAT(k.COLUMN_NAME
             ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ') -> ',
             IF(MAX(k.REFERENCED_TABLE_SCHEMA) = DATABASE(), '', CONCAT(MAX(k.REFERENCED_TABLE_SCHEMA), '.')),
             r.REFERENCED_TABLE_NAME, ' (', GROUP_CONCAT(k.REFERENCED_COLUMN_NAME
             ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ')'),
           CONCAT('ao_atualizar=', r.UPDATE_RULE),
           CONCAT('ao_apagar=', r.DELETE_RULE),
           CONCAT('usa=', r.UNIQUE_CONSTRAINT_NAME))
    FROM information_schema.REFERENTIAL_CONSTRAINTS r
    JOIN information_schema.KEY_COLUMN_USAGE k
      ON k.CONSTRAINT_SCHEMA = DATABASE() AND k.TABLE_NAME = r.TABLE_NAME AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME
   WHERE r.CONSTRAINT_SCHEMA = DATABASE()
   GROUP BY r.TABLE_NAME, r.CONSTRAINT_NAME, r.REFERENCED_TABLE_NAME, r.UPDATE_RULE, r.DELETE_RULE, r.UNIQUE_CONSTRAINT_NAME
  UNION ALL
  SELECT CONCAT_WS(' ', 'restricao', CONCAT(t.TABLE_NAME, '.', t.CONSTRAINT_NAME),
           CONCAT('imposta=', IF(t.ENFORCED = 'YES', 'sim', 'nao')),
           CONCAT('CHECK ', c.CHECK_CLAUSE))
    FROM information_schema.TABLE_CONSTRAINTS t
    JOIN information_schema.CHECK_CONSTRAINTS c
      ON c.CONSTRAINT_SCHEMA = DATABASE() AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME
   WHERE t.CONSTRAINT_SCHEMA = DATABASE() AND t.CONSTRAINT_TYPE = 'CHECK'
  UNION ALL
  SELECT CONCAT_WS(' ', 'visao', v.TABLE_NAME,
           IF(t.TABLE_COMMENT = 'VIEW', 'valida=sim', 'valida=nao'),
           CONCAT('executa_como=', v.SECURITY_TYPE),
           CONCAT('definidor=', v.DEFINER),
           CONCAT('verifica=', v.CHECK_OPTION),
           CONCAT('charset=', v.CHARACTER_SET_CLIENT, ' ', v.COLLATION_CONNECTION),
           CONCAT('definicao=', REPLACE(v.VIEW_DEFINITION, @proprio, '')))
    FROM information_schema.VIEWS v
    JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = v.TABLE_NAME
   WHERE v.TABLE_SCHEMA = DATABASE()
  UNION ALL
  SELECT CONCAT_WS(' ', 'gatilho', CONCAT(EVENT_OBJECT_TABLE, '.', TRIGGER_NAME),
           ACTION_TIMING,
           EVENT_MANIPULATION,
           CONCAT('ordem=', ACTION_ORDER),
           CONCAT('definidor=', DEFINER),
           CONCAT('sql_mode=', SQL_MODE),
           CONCAT('charset=', CHARACTER_SET_CLIENT, ' ', COLLATION_CONNECTION, ' ', DATABASE_COLLATION),
           CONCAT('corpo=', LEFT(SHA2(ACTION_STATEMENT, 256), 32)))
    FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
  UNION ALL
  SELECT CONCAT_WS(' ', IF(r.ROUTINE_TYPE = 'FUNCTION', 'funcao', 'procedimento'), r.ROUTINE_NAME,
           (SELECT CONCAT('(', GROUP_CONCAT(CONCAT_WS(' ', p.PARAMETER_MODE, p.PARAMETER_NAME, p.DTD_IDENTIFIER,
                     p.CHARACTER_SET_NAME, p.COLLATION_NAME) ORDER BY p.ORDINAL_POSITION SEPARATOR ', '), ')')
              FROM information_schema.PARAMETERS p
             WHERE p.SPECIFIC_SCHEMA = DATABASE() AND p.SPECIFIC_NAME = r.SPECIFIC_NAME
               AND p.ROUTINE_TYPE = r.ROUTINE_TYPE AND p.ORDINAL_POSITION > 0),
           CONCAT('retorno=', NULLIF(CONCAT_WS(' ', r.DTD_IDENTIFIER, r.CHARACTER_SET_NAME, r.COLLATION_NAME), '')),
           CONCAT('executa_como=', r.SECURITY_TYPE),
           CONCAT('definidor=', r.DEFINER),
           CONCAT('deterministica=', IF(r.IS_DETERMINISTIC = 'YES', 'sim', 'nao')),
           r.SQL_DATA_ACCESS,
           CONCAT('linguagem=', r.EXTERNAL_LANGUAGE),
           CONCAT('sql_mode=', r.SQL_MODE),
           CONCAT('charset=', r.CHARACTER_SET_CLIENT, ' ', r.COLLATION_CONNECTION, ' ', r.DATABASE_COLLATION),
           CONCAT('corpo=', LEFT(SHA2(IFNULL(r.ROUTINE_DEFINITION, UUID_TO_BIN('falta privilegio: SHOW_ROUTINE')), 256), 32)),
           IF(r.ROUTINE_COMMENT = '', NULL, CONCAT('comentario=', QUOTE(r.ROUTINE_COMMENT))))
    FROM information_schema.ROUTINES r WHERE r.ROUTINE_SCHEMA = DATABASE()
  UNION ALL
  SELECT CONCAT_WS(' ', 'evento', EVENT_NAME,
           CONCAT('estado=', STATUS),
           CONCAT('definidor=', DEFINER),
           CONCAT('fuso=', TIME_ZONE),
           CONCAT('em=', EXECUTE_AT),
           CONCAT('a_cada=', INTERVAL_VALUE, ' ', INTERVAL_FIELD),
           CONCAT('inicio=', STARTS),
           CONCAT('fim=', ENDS),
           CONCAT('ao_concluir=', ON_COMPLETION),
           CONCAT('sql_mode=', SQL_MODE),
           CONCAT('charset=', CHARACTER_SET_CLIENT, ' ', COLLATION_CONNECTION, ' ', DATABASE_COLLATION),
           CONCAT('corpo=', LEFT(SHA2(EVENT_DEFINITION, 256), 32)),
           IF(EVENT_COMMENT = '', NULL, CONCAT('comentario=', QUOTE(EVENT_COMMENT))))
    FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()
  UNION ALL
  -- Um definidor que não existe faz a visão, o gatilho ou a rotina falhar no primeiro uso (erro 1449), não na restauração.
  SELECT CONCAT('definidor ', d.DEFINER, ' existe=',
                IF(EXISTS (SELECT 1 FROM mysql.user u WHERE CONCAT(u.User, '@', u.Host) = d.DEFINER), 'sim', 'nao'))
    FROM (SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
          UNION SELECT DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
          UNION SELECT DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
          UNION SELECT DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()) d
  UNION ALL
  -- Uma concessão pode valer para vários bancos (loja\_%): conta o que alcança este banco, não o padrão escrito.
  SELECT CONCAT('concessao banco para=', GRANTEE, ' privilegios=',
                GROUP_CONCAT(DISTINCT PRIVILEGE_TYPE, IF(IS_GRANTABLE = 'YES', '*', '') ORDER BY PRIVILEGE_TYPE SEPARATOR ','))
    FROM information_schema.SCHEMA_PRIVILEGES WHERE DATABASE() LIKE TABLE_SCHEMA
   GROUP BY GRANTEE
  UNION ALL
  SELECT CONCAT('concessao tabela ', Table_name, ' para=\'', User, '\'@\'', Host, '\' privilegios=', UPPER(Table_priv))
    FROM mysql.tables_priv WHERE Db = DATABASE() AND Table_priv <> ''
  UNION ALL
  SELECT CONCAT('concessao coluna ', Table_name, '.', Column_name, ' para=\'', User, '\'@\'', Host,
                '\' privilegios=', UPPER(Column_priv))
    FROM mysql.columns_priv WHERE Db = DATABASE()
  UNION ALL
  SELECT CONCAT('concessao ', IF(Routine_type = 'FUNCTION', 'funcao ', 'procedimento '), Routine_name,
                ' para=\'', User, '\'@\'', Host, '\' privilegios=', UPPER(Proc_priv))
    FROM mysql.procs_priv WHERE Db = DATABASE()
  ) fatos
 ORDER BY CAST(linha AS BINARY);

COMMIT;
SELECT 'fim';

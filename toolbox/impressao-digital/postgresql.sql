-- Impressão digital de um banco PostgreSQL (14 a 18): texto ordenado, um fato por linha. Dois bancos são iguais quando
-- o `diff` das duas impressões sai vazio. Só lê; não cria nada; não precisa de nenhum programa além do psql:
--
--   psql -X --no-password -v ON_ERROR_STOP=1 --quiet --no-align --tuples-only --dbname="$DB" -f postgresql.sql > antes.txt
--
-- Primeiro os dados (tabelas e sequências), depois o inventário; cada parte em ordem de bytes. Sem a última linha,
-- `fim`, a impressão está incompleta: não a compare. Rode como superusuário ou dono de tudo: o que não puder ser lido é
-- erro, nunca omissão.
--
-- O nome do banco, OIDs, a ordem física das linhas e as estatísticas não entram. Entram de propósito as concessões,
-- configurações e o comentário do próprio banco, que o pg_restore só devolve com --create. Ficam de fora: papéis e
-- senhas (pertencem ao servidor), opções de mapeamentos de usuário e a conexão de assinaturas (guardam senhas), o
-- conteúdo de tabelas externas e de visões materializadas (o pg_restore o recalcula), e objetos que pertencem a uma
-- extensão (contam o nome e a versão dela, os privilégios alterados e as tabelas que ela manda incluir no dump).

\set ON_ERROR_STOP on
\set QUIET on
\pset format unaligned
\pset tuples_only on
\pset pager off

BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- Nada do que a sessão, o papel ou o banco tenham configurado pode mudar o texto.
SET LOCAL search_path = pg_catalog;
SET LOCAL standard_conforming_strings = on;
SET LOCAL quote_all_identifiers = off;
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 1;
SET LOCAL lc_monetary = 'C';
SET LOCAL xmloption = 'content';
-- Com row_security ligado, uma política esconderia linhas em silêncio; desligado, é erro.
SET LOCAL row_security = off;
-- Compilar consultas tão curtas custa mais do que executá-las.
SET LOCAL jit = off;

-- Os resumos são calculados em UTF-8, qualquer que seja a codificação do banco (SQL_ASCII não tem conversão).
SELECT CASE pg_catalog.getdatabaseencoding() WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END AS codificacao \gset
SET LOCAL client_encoding = :'codificacao';

SELECT 'impressao-digital postgresql formato=1';

-- ------------------------------------------------------------------------------------------------------------------
-- Dados: uma consulta por tabela, escrita aqui e executada por \gexec
-- ------------------------------------------------------------------------------------------------------------------
-- Cada linha vira um texto sem ambiguidade (NULL, '' e o limite entre colunas são distintos), com as colunas em ordem de
-- nome; o texto vira SHA-256. A soma de seus dois primeiros pedaços de 64 bits não depende da ordem e conta repetições:
-- um XOR anularia linhas iguais aos pares. ONLY: as linhas de partições e de tabelas filhas contam na própria tabela.
-- OFFSET 0 impede que o SHA-256 seja calculado duas vezes.
SELECT format(
         $sql$SELECT format('tabela %%s linhas=%%s conteudo=%%s', %L, count(*),
                left(encode(sha256(convert_to(
                  concat_ws(':', sum(('x' || left(h, 16))::bit(64)::bigint), sum(('x' || right(h, 16))::bit(64)::bigint)),
                  'UTF8')), 'hex'), 32))
              FROM (SELECT left(encode(sha256(convert_to(ROW(%s)::text, %L)), 'hex'), 32) AS h
                      FROM ONLY %s t OFFSET 0) linha$sql$,
         c.oid::regclass,
         (SELECT string_agg('t.' || quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C")
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
         :'codificacao', c.oid::regclass)
  FROM pg_class c
 WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND c.oid >= 16384
   AND (NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
        OR EXISTS (SELECT FROM pg_extension x WHERE c.oid = ANY (x.extconfig)))
 ORDER BY c.oid::regclass::text COLLATE "C"
\gexec

SELECT format(
         $sql$SELECT concat_ws(' ', 'sequencia', %L, 'ultimo=' || last_value,
                'usado=' || CASE WHEN is_called THEN 'sim' ELSE 'nao' END, %L) FROM %s$sql$,
         c.oid::regclass,
         concat_ws(' ', 'incremento=' || s.seqincrement, 'minimo=' || s.seqmin, 'maximo=' || s.seqmax,
           'inicio=' || s.seqstart, 'cache=' || s.seqcache, 'tipo=' || format_type(s.seqtypid, NULL),
           CASE WHEN s.seqcycle THEN 'ciclica' END,
           CASE c.relpersistence WHEN 'u' THEN 'sem_log' END,
           (SELECT CASE d.deptype WHEN 'i' THEN 'identidade_de=' ELSE 'pertence_a=' END
                   || d.refobjid::regclass || '.' || quote_ident(a.attname)
              FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
             WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
               AND d.deptype IN ('a', 'i')),
           'dono=' || pg_get_userbyid(c.relowner)),
         c.oid::regclass)
  FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid
 WHERE c.relpersistence <> 't' AND c.oid >= 16384
   AND (NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
        OR EXISTS (SELECT FROM pg_extension x WHERE c.oid = ANY (x.extconfig)))
 ORDER BY c.oid::regclass::text COLLATE "C"
\gexec

SELECT format('objeto_grande %s dono=%s bytes=%s conteudo=%s', m.oid, pg_get_userbyid(m.lomowner), octet_length(o.bytes),
              left(encode(sha256(o.bytes), 'hex'), 32))
  FROM pg_largeobject_metadata m, LATERAL (SELECT lo_get(m.oid) AS bytes OFFSET 0) o
 ORDER BY m.oid;

-- ------------------------------------------------------------------------------------------------------------------
-- Inventário
-- ------------------------------------------------------------------------------------------------------------------
-- O pg_dump devolve a mesma definição, mas nem sempre o mesmo texto. Duas diferenças, e só elas, são desfeitas aqui:
--   (ARRAY['a'::character varying])::text[]  passa a  ARRAY[('a'::character varying)::text]   (IN com varchar)
--   (((a >= 1) AND (a <= 5)) AND (b > 0))    passa a  ((a >= 1) AND (a <= 5) AND (b > 0))     (BETWEEN seguido de AND)
-- :lista_com_tipo e :elemento_com_tipo reconhecem a primeira; :e_aninhado e :ou_aninhado a segunda, com parênteses
-- equilibrados até oito níveis. Uma expressão mais funda aparece no diff sem ter mudado; o contrário não acontece.
WITH RECURSIVE equilibrado (nivel, texto) AS (
  SELECT 0, $re$(?:[^()'"]|'(?:[^']|'')*'|"[^"]*")*$re$
  UNION ALL
  SELECT nivel + 1, format($re$(?:[^()'"]|'(?:[^']|'')*'|"[^"]*"|\(%s\))*$re$, texto) FROM equilibrado WHERE nivel < 8
), peca (literal, tipo) AS (
  VALUES ($re$'(?:[^']|'')*'$re$,
          $re$(?:[[:alpha:]_][[:alnum:]_$]*|"[^"]+")(?:\.(?:[[:alpha:]_][[:alnum:]_$]*|"[^"]+"))?$re$
          || $re$(?: varying| precision)?(?:\([0-9,]+\))?(?: with(?:out)? time zone)?$re$)
)
SELECT format($re$\(ARRAY\[((?:%s|[^]'[])*)\]\)::%s\[\]$re$, literal, tipo) AS lista_com_tipo,
       format($re$(?<=ARRAY\[|, )\((%s::%s(?:\[\])?|[[:alpha:]_"][[:alnum:]_$."]*)\)::%2$s(?=[],)])$re$, literal, tipo)
         AS elemento_com_tipo,
       format($re$\((%s AND %1$s)\) AND $re$, texto) AS e_aninhado,
       format($re$\((%s OR %1$s)\) OR $re$, texto) AS ou_aninhado
  FROM peca, equilibrado WHERE nivel = 8
\gset

WITH
-- O que pertence a uma extensão é refeito por CREATE EXTENSION; o que nasceu com o servidor tem OID menor que 16384.
de_extensao AS (
  SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
),
relacao AS (
  SELECT c.*, c.oid::regclass::text AS nome,
         CASE c.relkind WHEN 'r' THEN 'tabela' WHEN 'p' THEN 'tabela_particionada' WHEN 'f' THEN 'tabela_externa'
           WHEN 'v' THEN 'visao' WHEN 'm' THEN 'visao_materializada' ELSE 'tipo_composto' END AS especie
    FROM pg_class c
   WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND c.relpersistence <> 't'
     AND ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM de_extensao)
),
-- Listas de privilégios. NULL quer dizer "o padrão", e o padrão de uma extensão ou do servidor está em pg_init_privs;
-- só aparece o que difere dele (e o schema public, que cada versão do servidor trata de um jeito).
lista_acl (especie, objeto, classe, oid, coluna, dono, acl, letra) AS (
  SELECT 'banco', NULL, 'pg_database'::regclass::oid, oid, 0, datdba, datacl, 'd'
    FROM pg_database WHERE datname = current_database()
  UNION ALL SELECT 'schema', quote_ident(nspname), 'pg_namespace'::regclass, oid, 0, nspowner, nspacl, 'n' FROM pg_namespace
  UNION ALL SELECT CASE relkind WHEN 'S' THEN 'sequencia' ELSE 'tabela' END, oid::regclass::text, 'pg_class'::regclass,
         oid, 0, relowner, relacl, CASE relkind WHEN 'S' THEN 's' ELSE 'r' END FROM pg_class
  UNION ALL SELECT 'coluna', c.oid::regclass || '.' || quote_ident(a.attname), 'pg_class'::regclass, c.oid, a.attnum,
         c.relowner, a.attacl, 'c' FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE NOT a.attisdropped
  UNION ALL SELECT 'rotina', oid::regprocedure::text, 'pg_proc'::regclass, oid, 0, proowner, proacl, 'f' FROM pg_proc
  UNION ALL SELECT 'tipo', format_type(oid, NULL), 'pg_type'::regclass, oid, 0, typowner, typacl, 'T' FROM pg_type
  UNION ALL SELECT 'linguagem', quote_ident(lanname), 'pg_language'::regclass, oid, 0, lanowner, lanacl, 'l'
    FROM pg_language
  UNION ALL SELECT 'servidor_externo', quote_ident(srvname), 'pg_foreign_server'::regclass, oid, 0, srvowner, srvacl, 'S'
    FROM pg_foreign_server
  UNION ALL SELECT 'adaptador_externo', quote_ident(fdwname), 'pg_foreign_data_wrapper'::regclass, oid, 0,
         fdwowner, fdwacl, 'F' FROM pg_foreign_data_wrapper
  UNION ALL SELECT 'objeto_grande', oid::text, 'pg_largeobject'::regclass, oid, 0, lomowner, lomacl, 'L'
    FROM pg_largeobject_metadata
),
-- A segunda coluna traz o que vem de uma expressão e precisa ser uniformizado (veja acima).
fato (linha, expressao) AS (
  SELECT concat_ws(' ', 'banco', 'codificacao=' || pg_encoding_to_char(d.encoding),
           'provedor=' || CASE j ->> 'datlocprovider' WHEN 'b' THEN 'builtin' WHEN 'i' THEN 'icu' ELSE 'libc' END,
           'collate=' || d.datcollate,
           'ctype=' || d.datctype,
           'localidade=' || coalesce(j ->> 'datlocale', j ->> 'daticulocale'),
           'regras=' || (j ->> 'daticurules'),
           'tablespace=' || quote_ident(t.spcname),
           'limite_de_conexoes=' || d.datconnlimit,
           CASE WHEN NOT d.datallowconn THEN 'fechado' END,
           CASE WHEN d.datistemplate THEN 'modelo' END,
           'dono=' || pg_get_userbyid(d.datdba)), NULL
    FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace, to_jsonb(d) j
   WHERE d.datname = current_database()
  UNION ALL
  SELECT concat_ws(' ', 'configuracao',
           CASE WHEN s.setrole <> 0 THEN 'papel=' || pg_get_userbyid(s.setrole) END,
           opcao), NULL
    FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) opcao
   WHERE d.datname = current_database()
  UNION ALL
  SELECT format('schema %I dono=%s', n.nspname, pg_get_userbyid(n.nspowner)), NULL
    FROM pg_namespace n
   WHERE n.oid >= 16384 AND n.nspname !~ '^pg_(toast|temp)'
     AND ('pg_namespace'::regclass, n.oid) NOT IN (SELECT * FROM de_extensao)
      OR n.nspname = 'public'
  UNION ALL
  SELECT format('extensao %I versao=%s schema=%I', e.extname, e.extversion, n.nspname), NULL
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
  UNION ALL
  SELECT concat_ws(' ', 'estrutura', r.nome,
           'especie=' || r.especie,
           CASE r.relpersistence WHEN 'u' THEN 'sem_log' END,
           'dono=' || pg_get_userbyid(r.relowner),
           'tipo_de=' || CASE WHEN r.reloftype <> 0 THEN format_type(r.reloftype, NULL) END,
           'herda_de=' || (SELECT string_agg(h.inhparent::regclass::text, ',' ORDER BY h.inhseqno)
             FROM pg_inherits h WHERE h.inhrelid = r.oid),
           'metodo=' || (SELECT quote_ident(m.amname) FROM pg_am m WHERE m.oid = r.relam AND m.amname <> 'heap'),
           'tablespace=' || (SELECT quote_ident(t.spcname) FROM pg_tablespace t WHERE t.oid = r.reltablespace),
           'opcoes=' || (SELECT string_agg(o, ',' ORDER BY o COLLATE "C") FROM unnest(r.reloptions) o),
           'opcoes_toast=' || (SELECT string_agg(o, ',' ORDER BY o COLLATE "C")
             FROM pg_class c, unnest(c.reloptions) o WHERE c.oid = r.reltoastrelid),
           CASE WHEN r.relrowsecurity THEN 'seguranca_por_linha=sim' END,
           CASE WHEN r.relforcerowsecurity THEN 'inclusive_o_dono=sim' END,
           'identidade_de_replica=' || CASE WHEN r.relkind IN ('v', 'c', 'f') THEN NULL
             WHEN r.relreplident = 'n' THEN 'nenhuma' WHEN r.relreplident = 'f' THEN 'linha_inteira'
               WHEN r.relreplident = 'i' THEN 'indice' END,
           CASE WHEN r.relkind = 'm' THEN 'preenchida=' || CASE WHEN r.relispopulated THEN 'sim' ELSE 'nao' END END,
           'particionada_por=' || CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(r.oid) END,
           'particao=' || pg_get_expr(r.relpartbound, r.oid)),
         'definicao=' || CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(r.oid) END
    FROM relacao r
  UNION ALL
  SELECT concat_ws(' ', 'coluna', r.nome || '.' || quote_ident(a.attname),
           'posicao=' || row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum),
           'tipo=' || format_type(a.atttypid, a.atttypmod),
           'aceita_nulo=' || CASE WHEN a.attnotnull THEN 'nao' ELSE 'sim' END,
           'collation=' || CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation END,
           'identidade=' || CASE a.attidentity WHEN 'a' THEN 'sempre' WHEN 'd' THEN 'por_padrao' END,
           'armazenamento=' || CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END,
           'compressao=' || nullif(a.attcompression::text, ''),
           'estatistica=' || nullif(a.attstattarget, -1),
           -- pg_attver é do servidor (17.12 em diante): muda a cada banco, e o pg_dump também não o leva.
           'opcoes=' || (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(a.attoptions) o WHERE o NOT LIKE 'pg_attver=%'),
           'opcoes_externas=' || (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(a.attfdwoptions) o)),
         CASE a.attgenerated WHEN 's' THEN 'gerada_e_gravada=' WHEN 'v' THEN 'gerada_na_leitura=' ELSE 'padrao=' END
         || pg_get_expr(d.adbin, d.adrelid)
    FROM relacao r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  UNION ALL
  SELECT concat_ws(' ', 'indice', c.oid::regclass,
           'tabela=' || r.nome,
           'valido=' || CASE WHEN i.indisvalid AND i.indisready AND i.indislive THEN 'sim' ELSE 'nao' END,
           'unico=' || CASE WHEN i.indisunique THEN 'sim' ELSE 'nao' END,
           CASE WHEN i.indisprimary THEN 'chave_primaria' END,
           CASE WHEN i.indisreplident THEN 'identidade_de_replica' END,
           CASE WHEN i.indisclustered THEN 'cluster' END,
           'parte_de=' || (SELECT h.inhparent::regclass FROM pg_inherits h WHERE h.inhrelid = c.oid),
           'tablespace=' || (SELECT quote_ident(t.spcname) FROM pg_tablespace t WHERE t.oid = c.reltablespace),
           'estatistica=' || (SELECT string_agg(a.attnum || ':' || a.attstattarget, ',' ORDER BY a.attnum)
             FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0)),
         'definicao=' || pg_get_indexdef(c.oid)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN relacao r ON r.oid = i.indrelid
  UNION ALL
  -- As restrições que uma partição herda (conparentid) têm nomes escolhidos pelo servidor; a da tabela mãe já está aqui.
  -- NOT NULL, que é restrição desde a versão 18, só aparece com nome próprio ou sem validação: a coluna já diz o resto.
  SELECT concat_ws(' ', 'restricao',
           coalesce(r.nome, format_type(t.oid, NULL)) || '.' || quote_ident(k.conname),
           'validada=' || CASE WHEN k.convalidated THEN 'sim' ELSE 'nao' END,
           CASE WHEN (to_jsonb(k) ->> 'conenforced')::boolean IS FALSE THEN 'nao_imposta' END,
           'gatilhos=' || (SELECT nullif(string_agg(DISTINCT g.tgenabled::text, ',' ORDER BY g.tgenabled::text), 'O')
             FROM pg_trigger g WHERE g.tgconstraint = k.oid)),
         'definicao=' || pg_get_constraintdef(k.oid)
    FROM pg_constraint k LEFT JOIN relacao r ON r.oid = k.conrelid
    LEFT JOIN pg_type t ON t.oid = k.contypid AND ('pg_type'::regclass, t.oid) NOT IN (SELECT * FROM de_extensao)
   WHERE k.oid >= 16384 AND k.contype <> 't' AND k.conparentid = 0 AND (r.oid IS NOT NULL OR t.oid IS NOT NULL)
     AND (k.contype = 'n' AND k.convalidated AND NOT k.connoinherit
          AND k.conname = coalesce(r.relname || '_' || (SELECT a.attname FROM pg_attribute a
                                                         WHERE a.attrelid = r.oid AND a.attnum = k.conkey[1]),
                                   t.typname) || '_not_null') IS NOT TRUE
  UNION ALL
  SELECT format('gatilho %s.%I ativo=%s', r.nome, g.tgname,
           CASE g.tgenabled WHEN 'O' THEN 'sim' WHEN 'D' THEN 'nao' WHEN 'R' THEN 'so_em_replica' ELSE 'sempre' END),
         'definicao=' || pg_get_triggerdef(g.oid)
    FROM pg_trigger g JOIN relacao r ON r.oid = g.tgrelid WHERE NOT g.tgisinternal
  UNION ALL
  SELECT format('regra %s.%I ativa=%s', r.nome, w.rulename,
           CASE w.ev_enabled WHEN 'O' THEN 'sim' WHEN 'D' THEN 'nao' ELSE w.ev_enabled::text END),
         'definicao=' || pg_get_ruledef(w.oid)
    FROM pg_rewrite w JOIN relacao r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'
  UNION ALL
  SELECT format('politica %s.%I %s comando=%s papeis=%s', r.nome, p.polname,
           CASE WHEN p.polpermissive THEN 'permissiva' ELSE 'restritiva' END,
           CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
             ELSE 'ALL' END,
           (SELECT string_agg(CASE o WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(o)::text END, ',' ORDER BY pg_get_userbyid(o))
              FROM unnest(p.polroles) o)),
         concat_ws(' ', 'usando=' || pg_get_expr(p.polqual, p.polrelid),
           'verificando=' || pg_get_expr(p.polwithcheck, p.polrelid))
    FROM pg_policy p JOIN relacao r ON r.oid = p.polrelid
  UNION ALL
  SELECT concat_ws(' ',
           CASE p.prokind WHEN 'p' THEN 'procedimento' WHEN 'a' THEN 'agregacao'
             WHEN 'w' THEN 'funcao_de_janela' ELSE 'funcao' END,
           p.oid::regprocedure,
           'retorno=' || pg_get_function_result(p.oid),
           'linguagem=' || quote_ident(l.lanname),
           'executa_como=' || CASE WHEN p.prosecdef THEN 'dono' ELSE 'quem_chama' END,
           'volatilidade=' || CASE p.provolatile WHEN 'i' THEN 'imutavel' WHEN 's' THEN 'estavel' ELSE 'volatil' END,
           CASE WHEN p.proisstrict THEN 'estrita' END,
           CASE WHEN p.proleakproof THEN 'leakproof' END,
           'paralelo=' || CASE p.proparallel WHEN 's' THEN 'seguro' WHEN 'r' THEN 'restrito' END,
           'custo=' || p.procost,
           'linhas=' || nullif(p.prorows, 0),
           'apoio=' || nullif(p.prosupport::oid, 0)::regproc,
           'opcoes=' || p.proconfig::text,
           'transforma=' || (SELECT string_agg(format_type(o, NULL), ',') FROM unnest(p.protrftypes) o),
           'biblioteca=' || p.probin,
           'corpo=' || left(encode(sha256(convert_to(p.prosrc, :'codificacao')), 'hex'), 32),
           'dono=' || pg_get_userbyid(p.proowner)),
         concat_ws(' ', 'argumentos=(' || pg_get_function_arguments(p.oid) || ')',
           'definicao=' || pg_get_function_sqlbody(p.oid))
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
   WHERE p.oid >= 16384 AND ('pg_proc'::regclass, p.oid) NOT IN (SELECT * FROM de_extensao)
  UNION ALL
  SELECT concat_ws(' ',
           CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'dominio' WHEN 'c' THEN 'tipo_composto'
             WHEN 'r' THEN 'tipo_intervalo' ELSE 'tipo_base' END,
           format_type(t.oid, NULL),
           'valores=' || (SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder)
             FROM pg_enum e WHERE e.enumtypid = t.oid),
           'tipo=' || CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
           CASE WHEN t.typnotnull THEN 'nao_nulo' END,
           'collation=' || CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation
             THEN t.typcollation::regcollation END,
           CASE WHEN t.typtype = 'b' THEN concat_ws(' ', t.typlen, t.typbyval, t.typalign, t.typstorage, t.typcategory,
             t.typispreferred, t.typdelim, t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout,
             t.typanalyze) END,
           'dono=' || pg_get_userbyid(t.typowner)),
         'padrao=' || t.typdefault
    FROM pg_type t LEFT JOIN pg_type b ON b.oid = t.typbasetype LEFT JOIN pg_class c ON c.oid = t.typrelid
   WHERE t.oid >= 16384 AND t.typtype IN ('e', 'd', 'c', 'r', 'b') AND coalesce(c.relkind, 'c') = 'c'
     AND NOT EXISTS (SELECT FROM pg_type v WHERE v.typarray = t.oid)
     AND ('pg_type'::regclass, t.oid) NOT IN (SELECT * FROM de_extensao)
  UNION ALL
  SELECT concat_ws(' ', 'estatistica', format('%I.%I', n.nspname, s.stxname),
           'alvo=' || nullif(s.stxstattarget, -1),
           'dono=' || pg_get_userbyid(s.stxowner)), 'definicao=' || pg_get_statisticsobjdef(s.oid)
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
   WHERE ('pg_statistic_ext'::regclass, s.oid) NOT IN (SELECT * FROM de_extensao)
  UNION ALL
  SELECT format('publicacao_tabela %I %I.%I colunas=%s', p.pubname, p.schemaname, p.tablename, to_jsonb(p) ->> 'attnames'),
         'filtro=' || (to_jsonb(p) ->> 'rowfilter')
    FROM pg_publication_tables p
  UNION ALL
  SELECT format('assinatura %I ativa=%s publicacoes=%s dono=%s', s.subname, s.subenabled, s.subpublications,
           pg_get_userbyid(s.subowner)), NULL
    FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()
  UNION ALL
  SELECT format('mapeamento_de_usuario %I servidor_externo=%I opcoes=%s', m.usename, m.srvname,
           (SELECT string_agg(split_part(o, '=', 1), ',' ORDER BY o) FROM unnest(m.umoptions) o)), NULL
    FROM pg_user_mappings m
  UNION ALL
  SELECT concat_ws(' ', 'concessao', l.especie,
           l.objeto,
           'para=' || CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee)::text END,
           'privilegios=' || coalesce(string_agg(x.privilege_type || CASE
             WHEN x.is_grantable THEN '*' ELSE '' END, ',' ORDER BY x.privilege_type COLLATE "C"), 'nenhum'),
           'por=' || CASE WHEN x.grantor <> l.dono THEN pg_get_userbyid(x.grantor) END), NULL
    FROM lista_acl l LEFT JOIN LATERAL aclexplode(l.acl) x ON true
   WHERE l.acl IS NOT NULL AND (l.objeto ~ '^information_schema(\.|$)') IS NOT TRUE
     AND (l.especie = 'schema' AND l.objeto = 'public'
          OR (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(l.acl) a) IS DISTINCT FROM
             (SELECT array_agg(a::text ORDER BY a::text)
                FROM unnest(coalesce((SELECT p.initprivs FROM pg_init_privs p
                                       WHERE p.classoid = l.classe AND p.objoid = l.oid AND p.objsubid = l.coluna),
                                     acldefault(l.letra::"char", l.dono))) a))
   GROUP BY l.especie, l.objeto, l.dono, x.grantee, x.grantor
  UNION ALL
  SELECT concat_ws(' ', 'privilegio_padrao', 'criador=' || pg_get_userbyid(a.defaclrole),
           'schema=' || quote_ident(n.nspname),
           'objetos=' || CASE a.defaclobjtype WHEN 'r' THEN 'tabelas' WHEN 'S' THEN 'sequencias'
             WHEN 'f' THEN 'rotinas' WHEN 'T' THEN 'tipos' WHEN 'n' THEN 'schemas' ELSE a.defaclobjtype::text END,
           'para=' || CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee)::text END,
           'privilegios=' || coalesce(string_agg(x.privilege_type || CASE
             WHEN x.is_grantable THEN '*' ELSE '' END, ',' ORDER BY x.privilege_type COLLATE "C"), 'nenhum')), NULL
    FROM pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace
    LEFT JOIN LATERAL aclexplode(a.defaclacl) x ON true
   GROUP BY a.oid, a.defaclrole, n.nspname, a.defaclobjtype, x.grantee
  UNION ALL
  SELECT format('comentario banco %s', quote_literal(s.description)), NULL
    FROM pg_shdescription s JOIN pg_database d ON d.oid = s.objoid AND s.classoid = 'pg_database'::regclass
   WHERE d.datname = current_database()
  UNION ALL
  SELECT format('comentario %s %s %s', i.type, i.identity, quote_literal(c.description)), NULL
    FROM pg_description c, pg_identify_object(c.classoid, c.objoid, c.objsubid) i
   WHERE (c.objoid >= 16384 OR c.classoid = 'pg_namespace'::regclass) AND (c.objoid >= 16384 OR i.identity = 'public')
     AND (c.classoid, c.objoid) NOT IN (SELECT * FROM de_extensao)
  UNION ALL
  SELECT format('rotulo_de_seguranca %s %s %s=%s', i.type, i.identity, s.provider, quote_literal(s.label)), NULL
    FROM pg_seclabel s, pg_identify_object(s.classoid, s.objoid, s.objsubid) i
)
SELECT replace(replace(replace(concat_ws(' ', linha, nullif(uniforme, '')), '\', '\\'), chr(10), '\n'), chr(13), '\r')
         COLLATE "C"
  FROM fato,
       LATERAL (SELECT regexp_replace(expressao, :'lista_com_tipo', 'ARRAY[\1]', 'g')) a (lista),
       LATERAL (SELECT regexp_replace(lista, :'elemento_com_tipo', '\1', 'g')) b (simples),
       -- Duas vezes cada um: um aninhamento pode estar dentro de outro.
       LATERAL (SELECT regexp_replace(regexp_replace(simples, :'e_aninhado', '\1 AND ', 'g'),
                                      :'e_aninhado', '\1 AND ', 'g')) c (so_e),
       LATERAL (SELECT regexp_replace(regexp_replace(so_e, :'ou_aninhado', '\1 OR ', 'g'),
                                      :'ou_aninhado', '\1 OR ', 'g')) d (uniforme)
 ORDER BY 1;

-- Objetos raros: as colunas do próprio catálogo, com cada OID trocado pelo nome do que ele aponta.
SELECT format($sql$SELECT replace(concat_ws(' ', %L, (pg_identify_object(%L::regclass, c.%I, 0)).identity, %s),
                                    chr(10), '\n') COLLATE "C"
                FROM %s c WHERE c.%3$I >= 16384
                 AND (%2$L::regclass, c.%3$I) NOT IN (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
               ORDER BY 1$sql$,
         'objeto ' || v.catalogo, v.classe, v.chave,
         string_agg(CASE WHEN a.atttypid = 'text[]'::regtype
                           THEN format('%L || (SELECT array_agg(o ORDER BY o)::text FROM unnest(c.%I) o)',
                                       a.attname || '=', a.attname)
                         WHEN f.pktable IS NULL THEN format('%L || c.%I::text', a.attname || '=', a.attname)
                         ELSE format('%L || (pg_identify_object(%L::regclass, nullif(c.%I, 0), 0)).identity',
                                     a.attname || '=', f.pktable, a.attname)
                    END, ', ' ORDER BY a.attnum),
         v.catalogo)
  FROM (VALUES ('pg_aggregate', 'pg_proc', 'aggfnoid'), ('pg_am', 'pg_am', 'oid'), ('pg_amop', 'pg_opfamily', 'amopfamily'),
               ('pg_amproc', 'pg_opfamily', 'amprocfamily'), ('pg_cast', 'pg_cast', 'oid'), ('pg_collation', 'pg_collation', 'oid'),
               ('pg_conversion', 'pg_conversion', 'oid'), ('pg_event_trigger', 'pg_event_trigger', 'oid'),
               ('pg_foreign_data_wrapper', 'pg_foreign_data_wrapper', 'oid'), ('pg_foreign_server', 'pg_foreign_server', 'oid'),
               ('pg_foreign_table', 'pg_class', 'ftrelid'), ('pg_language', 'pg_language', 'oid'), ('pg_opclass', 'pg_opclass', 'oid'),
               ('pg_operator', 'pg_operator', 'oid'), ('pg_opfamily', 'pg_opfamily', 'oid'), ('pg_publication', 'pg_publication', 'oid'),
               ('pg_publication_namespace', 'pg_publication_namespace', 'oid'), ('pg_range', 'pg_type', 'rngtypid'),
               ('pg_transform', 'pg_transform', 'oid'), ('pg_ts_config', 'pg_ts_config', 'oid'),
               ('pg_ts_config_map', 'pg_ts_config', 'mapcfg'), ('pg_ts_dict', 'pg_ts_dict', 'oid'),
               ('pg_ts_parser', 'pg_ts_parser', 'oid'), ('pg_ts_template', 'pg_ts_template', 'oid')) v (catalogo, classe, chave)
  JOIN pg_attribute a ON a.attrelid = to_regclass(v.catalogo) AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_get_catalog_foreign_keys() f
    ON f.fktable = a.attrelid AND f.fkcols = ARRAY[a.attname::text] AND NOT f.is_array
 WHERE (f.pktable IS NOT NULL OR a.atttypid NOT IN ('oid'::regtype, 'aclitem[]'::regtype, 'pg_node_tree'::regtype))
   AND a.attname <> 'collversion'
 GROUP BY v.catalogo, v.classe, v.chave
 ORDER BY v.catalogo COLLATE "C"
\gexec

COMMIT;
SELECT 'fim';

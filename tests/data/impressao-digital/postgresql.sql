-- Every kind of object that the shop does not have, for tests/test_fingerprint.py. `dono` and `app` are its roles.
SET ROLE :"dono";
CREATE SCHEMA outro;
SET search_path = outro, public;

CREATE DOMAIN cpf AS varchar(14) DEFAULT '0' CONSTRAINT cpf_valido CHECK (VALUE IN ('0', '1') OR length(VALUE) BETWEEN 1 AND 14 AND true);
CREATE TYPE ponto AS (x integer, y text);
CREATE TYPE faixa AS RANGE (subtype = float8);
CREATE COLLATION ordem (provider = builtin, locale = 'C.UTF-8');

-- Expressions whose text pg_dump does not give back as it was: IN over varchar, BETWEEN followed by AND.
CREATE TABLE regras (
    a integer, b varchar(9), c varchar, d numeric,
    CONSTRAINT lista CHECK (b IN ('x', 'y[', 'z''](')),
    CONSTRAINT entre CHECK (a BETWEEN 1 AND 5 AND d NOT BETWEEN 1 AND 2 OR d > 9),
    CONSTRAINT linhas CHECK ((b, c) = ('x', 'y') AND a > 0),
    CONSTRAINT caso CHECK (CASE WHEN b IN (c, 'x') THEN a BETWEEN 1 AND 2 AND d = 1 ELSE true END),
    CONSTRAINT sem_validar CHECK (a > 0) NOT VALID,
    CONSTRAINT unica UNIQUE NULLS NOT DISTINCT (a, b) DEFERRABLE
) WITH (fillfactor = 70, toast.autovacuum_enabled = off);
CREATE INDEX regras_parcial ON regras (lower(b) DESC NULLS LAST) INCLUDE (a) WHERE b IN ('x', 'y') AND a BETWEEN 1 AND 5 AND d > 0;
CREATE VIEW visao WITH (security_barrier) AS SELECT *, b NOT IN ('x', 'y') AS fora FROM regras WHERE a BETWEEN 1 AND 5 AND d > 0;
CREATE MATERIALIZED VIEW resumo AS SELECT count(*) FROM regras WHERE b IN ('x', 'y');
CREATE RULE nada AS ON DELETE TO visao DO INSTEAD NOTHING;
CREATE STATISTICS juntas (ndistinct) ON a, b FROM regras;

CREATE TABLE mae (a integer NOT NULL, b text);
CREATE TABLE filha () INHERITS (mae);
ALTER TABLE mae ADD COLUMN c integer;
CREATE TABLE partes (a integer, b text, PRIMARY KEY (a)) PARTITION BY RANGE (a);
CREATE TABLE partes_1 PARTITION OF partes FOR VALUES FROM (0) TO (10);
CREATE TABLE partes_x (lixo integer, b text, a integer NOT NULL);
ALTER TABLE partes_x DROP COLUMN lixo;
ALTER TABLE partes ATTACH PARTITION partes_x DEFAULT;
CREATE TABLE aponta (id integer GENERATED ALWAYS AS IDENTITY (START 5 INCREMENT 3), a integer REFERENCES partes, g text);
ALTER TABLE aponta ALTER g SET STORAGE EXTERNAL, ALTER g SET STATISTICS 50, REPLICA IDENTITY FULL;
INSERT INTO mae VALUES (1, NULL), (1, NULL), (2, '');
INSERT INTO filha VALUES (3, 'x');
INSERT INTO partes VALUES (1, 'a'), (100, 'b');
INSERT INTO aponta (a) VALUES (1), (100), (NULL);
CREATE SEQUENCE solta AS smallint MINVALUE -9 MAXVALUE 9 INCREMENT -2 CACHE 3 CYCLE;
CREATE TABLE "Com Espaço" (t text, "a ""b" integer);
INSERT INTO "Com Espaço" VALUES ('t', 1);

CREATE FUNCTION soma(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE FUNCTION padrao(a varchar DEFAULT 'x') RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT a IN ('x', 'y') AND a > 'a'; END;
CREATE AGGREGATE somatorio(integer) (sfunc = soma, stype = integer, initcond = '0');
CREATE OPERATOR === (leftarg = integer, rightarg = integer, function = int4eq);
CREATE CAST (ponto AS text) WITH INOUT;
CREATE FUNCTION gatilho() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER antes BEFORE UPDATE ON regras FOR EACH ROW WHEN (NEW.b IN ('x', 'y') AND NEW.a BETWEEN 1 AND 2 AND OLD.a > 1)
    EXECUTE FUNCTION gatilho();
CREATE TRIGGER em_partes AFTER INSERT ON partes FOR EACH ROW EXECUTE FUNCTION gatilho();
ALTER TABLE regras ENABLE ROW LEVEL SECURITY;
CREATE POLICY quem ON regras FOR SELECT TO :"app" USING (b IN ('x', 'y') AND a BETWEEN 1 AND 2 AND d > 0);
CREATE TEXT SEARCH CONFIGURATION busca (COPY = portuguese);

GRANT USAGE ON SCHEMA outro TO :"app" WITH GRANT OPTION;
GRANT SELECT (a, b) ON regras TO :"app";
REVOKE ALL ON mae FROM :"dono";
REVOKE ALL ON TYPE cpf FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA outro GRANT SELECT ON TABLES TO :"app";
COMMENT ON CONSTRAINT entre ON regras IS E'duas\nlinhas \\';
SELECT lo_from_bytea(4242, '\xdeadbeef');
RESET ROLE;

CREATE EXTENSION hstore WITH SCHEMA outro;
CREATE FUNCTION sentinela() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER vigia ON ddl_command_start WHEN TAG IN ('CREATE SERVER') EXECUTE FUNCTION sentinela();
CREATE PUBLICATION saida FOR TABLE regras (a, b) WHERE (a > 1);
CREATE EXTENSION postgres_fdw;
CREATE SERVER longe FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nada', dbname 'x');
CREATE FOREIGN TABLE externa (a integer) SERVER longe OPTIONS (table_name 'y');
CREATE USER MAPPING FOR :"app" SERVER longe OPTIONS (user 'u', password 'nunca-impressa');
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO :"app";

-- Every kind of object and type that the shop does not have, for tests/test_fingerprint_mysql.py. `loja_dono` and `loja_app` are
-- the shop's users; the test puts its own names there.
CREATE TABLE tudo (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    b BIT(12), g GEOMETRY, p POINT NOT NULL SRID 4326, e ENUM('a', '', 'é'), s SET('x', 'y'), y YEAR, z INT UNSIGNED,
    c CHAR(4), l VARCHAR(9) CHARACTER SET latin1, u VARCHAR(9) CHARACTER SET utf16, lb LONGBLOB, lt LONGTEXT, tx TEXT,
    n SMALLINT, gs INT GENERATED ALWAYS AS (n * 2) STORED COMMENT 'gravada',
    gv VARCHAR(20) GENERATED ALWAYS AS (CONCAT(c, 'x\'y')) VIRTUAL,
    `col ``estranha` INT DEFAULT 7 INVISIBLE, dx VARCHAR(40) DEFAULT (CONCAT('a', UUID())), cb VARCHAR(9) COLLATE utf8mb4_bin DEFAULT 'NULL',
    atu TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    PRIMARY KEY (id), UNIQUE KEY unica (n, c(2) DESC), KEY funcional ((CAST(LOWER(tx) AS CHAR(10)))), FULLTEXT KEY cheio (tx) COMMENT 'texto',
    SPATIAL KEY lugar (p), KEY oculto (z) INVISIBLE, CONSTRAINT faixa CHECK (n BETWEEN 1 AND 5 AND c IN ('a', 'b', 'ç') OR z > 0)
) AUTO_INCREMENT = 500 COLLATE utf8mb4_0900_as_cs COMMENT 'tabela \'x\'\nlinha 2';
INSERT INTO tudo (b, g, p, e, s, y, z, c, l, u, lb, lt, tx, n) VALUES
    (b'101', ST_GeomFromText('POINT(1 2)', 4326), ST_GeomFromText('POINT(1 2)', 4326), 'a', 'x,y', 2000, 7, 'a', 'é', '😀', x'00ff', 'l', 'T\t\\', 3),
    (NULL, NULL, ST_GeomFromText('POINT(1 3)', 4326), NULL, '', NULL, NULL, NULL, '', NULL, '', '', NULL, NULL);
CREATE TABLE pai (id INT PRIMARY KEY, x INT, UNIQUE (x));
CREATE TABLE filha (id INT, px INT, CONSTRAINT filha_px FOREIGN KEY (px) REFERENCES pai (x) ON DELETE SET NULL);
CREATE TABLE partes (a INT, b DATE) PARTITION BY RANGE (a) SUBPARTITION BY HASH (a) SUBPARTITIONS 2
    (PARTITION p0 VALUES LESS THAN (10) COMMENT 'c', PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO partes VALUES (1, NULL), (100, '2020-01-01');
CREATE TABLE isam (a INT) ENGINE = MyISAM;
CREATE TABLE `Com ``Espaço` (`a b` INT);
CREATE TABLE vazia (id INT AUTO_INCREMENT PRIMARY KEY);
CREATE DEFINER = `loja_dono`@`%` VIEW visao AS
    SELECT id, nome, 'x`y' AS texto FROM clientes WHERE id BETWEEN 1 AND 5 AND ativo WITH CASCADED CHECK OPTION;
CREATE DEFINER = `loja_dono`@`%` SQL SECURITY INVOKER VIEW visao_2 AS SELECT v.*, (SELECT COUNT(*) FROM pai) AS n FROM visao v;
CREATE DEFINER = `loja_dono`@`%` TRIGGER depois BEFORE UPDATE ON clientes FOR EACH ROW FOLLOWS clientes_atualizado_em SET NEW.nome = NEW.nome /* -- */;
CREATE DEFINER = `loja_dono`@`%` FUNCTION junta(a INT, b VARCHAR(9) CHARACTER SET latin1) RETURNS VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
    DETERMINISTIC NO SQL SQL SECURITY INVOKER COMMENT 'junção' RETURN CONCAT(a /* comentário */, b);
CREATE DEFINER = `loja_dono`@`%` PROCEDURE troca(IN a INT, OUT b DECIMAL(10, 2), INOUT c ENUM('x', 'y')) SET b = a;
CREATE DEFINER = `loja_dono`@`%` EVENT uma_vez ON SCHEDULE AT '2037-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE DO SET @x = 1;
GRANT SELECT (id, b), UPDATE (b) ON tudo TO `loja_app`@`%`;

-- uma tabela a mais
CREATE TABLE sobra (id integer PRIMARY KEY);

-- uma tabela a mais
CREATE TABLE sobra (id INTEGER PRIMARY KEY);

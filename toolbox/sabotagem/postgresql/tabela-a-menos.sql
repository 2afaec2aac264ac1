-- a tabela `estoque` apagada
DROP TABLE estoque CASCADE;

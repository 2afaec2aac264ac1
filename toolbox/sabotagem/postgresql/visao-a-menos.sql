-- a visão `vendas_por_cliente` apagada
DROP VIEW vendas_por_cliente;

-- Privilégio mínimo: a aplicação lê e escreve o que precisa, não apaga a auditoria e não altera a estrutura.
-- Fora das migrations, porque o nome da conta é de cada execução. Rode como o dono, com psql e a variável `app`.
GRANT USAGE ON SCHEMA public TO :"app";
GRANT SELECT, INSERT, UPDATE, DELETE ON clientes, produtos, pedidos, itens TO :"app";
GRANT SELECT, INSERT ON pagamentos, auditoria TO :"app";
GRANT SELECT, UPDATE (quantidade, reservado, contado_em) ON estoque TO :"app";
GRANT SELECT ON vendas_por_cliente TO :"app";
GRANT USAGE ON SEQUENCE clientes_id_seq, produtos_id_seq, pedidos_id_seq, pagamentos_id_seq TO :"app";
GRANT EXECUTE ON FUNCTION total_pedido(bigint) TO :"app";
GRANT EXECUTE ON PROCEDURE cancelar_pedido(bigint) TO :"app";

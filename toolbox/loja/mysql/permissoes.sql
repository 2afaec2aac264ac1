-- Privilégio mínimo: a aplicação lê e escreve o que precisa, não apaga a auditoria e não altera a estrutura.
-- Fora das migrations, porque o nome da conta é de cada execução; criar.sh troca `loja` pelo nome do banco.
GRANT SELECT, INSERT, UPDATE, DELETE ON clientes TO `loja_app`@`%`;
GRANT SELECT, INSERT, UPDATE, DELETE ON produtos TO `loja_app`@`%`;
GRANT SELECT, INSERT, UPDATE, DELETE ON pedidos TO `loja_app`@`%`;
GRANT SELECT, INSERT, UPDATE, DELETE ON itens TO `loja_app`@`%`;
GRANT SELECT, INSERT ON pagamentos TO `loja_app`@`%`;
GRANT SELECT, INSERT ON auditoria TO `loja_app`@`%`;
GRANT SELECT, UPDATE (quantidade, reservado, contado_em) ON estoque TO `loja_app`@`%`;
GRANT SELECT ON vendas_por_cliente TO `loja_app`@`%`;
GRANT EXECUTE ON FUNCTION total_pedido TO `loja_app`@`%`;
GRANT EXECUTE ON PROCEDURE cancelar_pedido TO `loja_app`@`%`;

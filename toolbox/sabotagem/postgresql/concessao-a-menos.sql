-- uma concessão da conta da aplicação retirada
REVOKE SELECT ON clientes FROM loja_app;

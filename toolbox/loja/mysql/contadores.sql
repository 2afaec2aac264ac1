-- Os contadores ficam 500 números à frente dos dados, como depois de inserções desfeitas: um dump que os devolve
-- a max(id) não é igual ao original.
ALTER TABLE clientes AUTO_INCREMENT = 8501;
ALTER TABLE produtos AUTO_INCREMENT = 2501;
ALTER TABLE pedidos AUTO_INCREMENT = 20501;
ALTER TABLE pagamentos AUTO_INCREMENT = 17501;

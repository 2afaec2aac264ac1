-- o contador (`AUTO_INCREMENT`) de `clientes` mudado
ALTER TABLE clientes AUTO_INCREMENT = 9000000;

-- o evento agendado desligado
ALTER EVENT limpar_auditoria DISABLE;

"""The checks of the register, one for each rule of register.toml; cadastre.rules.checks lists them."""

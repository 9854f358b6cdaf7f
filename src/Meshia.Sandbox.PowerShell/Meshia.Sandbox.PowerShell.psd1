# Beside the assembly of each framework. PowerShell loads the assembly before the types, because their columns use code from it.
@{
    RootModule       = 'Meshia.Sandbox.PowerShell.dll'
    ModuleVersion    = '0.1.0'
    GUID             = 'b6a5b1de-3c44-4f0e-9a6b-51c7f9b2de77'
    Author           = 'Meshia'
    TypesToProcess   = @('../Meshia.Sandbox.types.ps1xml')
    FormatsToProcess = @('../Meshia.Sandbox.format.ps1xml')
}

# Beside the assembly of each framework. PowerShell loads the assembly before the types, because their columns use code from it.
@{
    RootModule       = 'Meshia.PowerShell.dll'
    ModuleVersion    = '0.1.0'
    GUID             = '9d0f6c35-7c0b-4a55-8e39-2d1b6f3c7a10'
    Author           = 'Meshia'
    TypesToProcess   = @('../Meshia.types.ps1xml')
    FormatsToProcess = @('../Meshia.format.ps1xml')
}

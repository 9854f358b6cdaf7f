@{
    RootModule        = 'Meshia.psm1'
    NestedModules     = @('../../Meshia.Shell.Tests.dll')
    ModuleVersion     = '9.9.9'
    GUID              = '8a8c8a55-7f3a-44f5-a0f0-5f4f6d0c1d11'
    FormatsToProcess  = @('Meshia.format.ps1xml')
    FunctionsToExport = @('Get-Thing', 'Remove-Thing', 'Write-Everything')
    CmdletsToExport   = @('Wait-Forever')
    AliasesToExport   = @()
    VariablesToExport = @()
}

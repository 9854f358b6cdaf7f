@{
    RootModule             = 'Meshia.Sandbox.psm1'
    ModuleVersion          = '0.1.0'
    GUID                   = '0f6b7a52-6f0a-4a0c-9d6e-7a2d7f0f1c6e'
    Author                 = 'Meshia'
    CompanyName            = 'Meshia'
    Copyright              = '(c) Meshia contributors. MIT licence.'
    Description            = 'Controls a Meshia sandbox in tests of runbooks: faults, time, journal and state.'
    PowerShellVersion      = '5.1'
    CompatiblePSEditions   = @('Core', 'Desktop')
    FunctionsToExport      = @(
        'Add-MeshiaSandboxExperiment'
        'Add-MeshiaSandboxFault'
        'Clear-MeshiaSandboxRequest'
        'Export-MeshiaSandboxState'
        'Get-MeshiaSandboxDelivery'
        'Get-MeshiaSandboxFault'
        'Get-MeshiaSandboxRequest'
        'Import-MeshiaSandboxState'
        'Remove-MeshiaSandboxFault'
        'Reset-MeshiaSandbox'
        'Select-MeshiaSandbox'
        'Send-MeshiaSandboxEvent'
        'Step-MeshiaSandbox'
    )
    CmdletsToExport        = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    PrivateData            = @{
        PSData = @{
            Tags         = @('Meshia', 'Testing', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://github.com/meshia/Meshia.PowerShell/blob/main/LICENSE'
            ProjectUri   = 'https://github.com/meshia/Meshia.PowerShell'
            ReleaseNotes = 'https://github.com/meshia/Meshia.PowerShell/blob/main/CHANGELOG.md'
        }
    }
}

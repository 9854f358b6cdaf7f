<#
.SYNOPSIS
    Makes the help files of both modules, which Get-Help reads, from the pages in docs/cmdlets. Needs PlatyPS 1.
.DESCRIPTION
    en-US/Meshia.PowerShell.dll-Help.xml, and src/Meshia.Sandbox.PowerShell/en-US/Meshia.Sandbox.PowerShell.dll-Help.xml.
    PlatyPS leaves some things that Get-Help shows as they are: an example's code stands fenced in its introduction, with
    U+0080 between paragraphs; line breaks and links are those of the markdown; defaults are missing. They are mended here.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$xml = $names = $null
function Add-Element([System.Xml.XmlNode] $Parent, [string] $Prefix, [string] $Name, [string] $Text) {
    $element = $xml.CreateElement($Prefix, $Name, $names.LookupNamespace($Prefix))
    $element.InnerText = $Text
    [void] $Parent.AppendChild($element)
}

function Export-Help([string] $Module, [string] $Destination) {
    $pages = @(Get-ChildItem $PSScriptRoot/cmdlets/*-Meshia*.md | Import-MarkdownCommandHelp | Where-Object ModuleName -EQ $Module)
    $pages | Export-MamlCommandHelp -OutputFolder $root/out/maml -Force | Out-Null
    $script:xml = [xml]::new()
    $xml.Load((Join-Path $root "out/maml/$Module/$(Split-Path -Leaf $Destination)"))
    $script:names = [System.Xml.XmlNamespaceManager]::new($xml.NameTable)
    $names.AddNamespace('maml', 'http://schemas.microsoft.com/maml/2004/10')
    $names.AddNamespace('command', 'http://schemas.microsoft.com/maml/dev/command/2004/10')
    $names.AddNamespace('dev', 'http://schemas.microsoft.com/maml/dev/2004/10')

    foreach ($example in $xml.SelectNodes('//command:example', $names)) {
        foreach ($para in @($example.SelectNodes('maml:introduction/maml:para', $names))) {
            [void] $para.ParentNode.RemoveChild($para)
            $text = $para.InnerText.Trim([char] 0x80, ' ', "`r", "`n")
            if ($text -match '(?s)^```powershell\r?\n(.*?)\r?\n```$') { $example.SelectSingleNode('dev:code', $names).InnerText = $Matches[1] -replace "`r" }
            elseif ($text) { Add-Element $example.SelectSingleNode('dev:remarks', $names) maml para $text }
        }
        # Get-Help puts nothing between two examples.
        Add-Element $example.SelectSingleNode('dev:remarks', $names) maml para ''
    }

    foreach ($para in @($xml.SelectNodes('//maml:para', $names))) {
        $parent = $para.ParentNode
        [void] $parent.RemoveChild($para)
        foreach ($text in $para.InnerText -split '(?:\r?\n){2,}') {
            Add-Element $parent maml para ($text -replace '\r?\n(?!- )', ' ' -replace '\[([^\]]+)\]\(\.\./([^)]+)\)', '$1 (https://github.com/meshia/Meshia.PowerShell/blob/main/docs/$2)' -replace '\*\*')
        }
    }

    foreach ($page in $pages) {
        foreach ($parameter in $page.Parameters) {
            $places = "//command:command[command:details/command:name='$($page.Title)']//command:parameter[maml:name='$($parameter.Name)']"
            foreach ($place in $xml.SelectNodes($places, $names)) {
                if ($parameter.DefaultValue) { Add-Element $place dev defaultValue $parameter.DefaultValue }
            }
        }
    }

    # A page's address is of no use at a prompt; its name is that of a cmdlet.
    foreach ($address in $xml.SelectNodes('//maml:uri[not(starts-with(., "http"))]', $names)) { $address.InnerText = '' }

    $settings = [System.Xml.XmlWriterSettings]@{ Indent = $true; NewLineChars = "`n"; Encoding = [System.Text.UTF8Encoding]::new($false) }
    $writer = [System.Xml.XmlWriter]::Create($Destination, $settings)
    try { $xml.Save($writer) }
    finally { $writer.Dispose() }
}

Export-Help Meshia (Join-Path $root en-US/Meshia.PowerShell.dll-Help.xml)
Export-Help Meshia.Sandbox (Join-Path $root src/Meshia.Sandbox.PowerShell/en-US/Meshia.Sandbox.PowerShell.dll-Help.xml)

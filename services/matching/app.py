"""stub"""

from fastapi import APIRouter

from libs.chassis.service import Service

service = Service(name="matching", router=APIRouter())
